import { type Command, Option } from "commander";
import { connectorTypes, type JsonSchema, jsonSchemaOf, millraceKeys } from "../../../config/index.ts";
import { findConnector, settingsOf } from "../../../connector/index.ts";
import { MillraceError } from "../../../errors.ts";
import { examples, jsonOption, modulesOption, secretsOption, topicsOption } from "../../help.ts";
import type { Session } from "../../session.ts";
import type { RunCommandOptions } from "../options.ts";
import { type Flag, flagOf, flagsOf } from "./flag.ts";
import { configTextOf, noOption } from "./given-config.ts";
import { addStepFlags } from "./steps.ts";

/** What flags of a connector cannot be called, because every connector has one of these. */
const ownOptions = [
  "topic",
  "name",
  "from",
  "once",
  "watch",
  "topics",
  "secrets",
  "modules",
  "json",
  "quiet",
  "dry-run",
  "print-config",
  "help",
];
const stepOptions = [
  "filter",
  "map",
  "filter-map",
  "array-map",
  "aggregate",
  "transform",
  "with",
  "lookback",
];

/** Adds a command for each connector, without its flags, for a list of them. */
export function addConnectorSummaries(run: Command): void {
  run.commandsGroup("Connectors:");
  for (const { type, spec } of connectorTypes()) run.command(type).summary(spec.summary).usage("[flags]");
}

interface ConnectorOptions extends RunCommandOptions {
  readonly topic: string;
  readonly name?: string;
  readonly from?: string;
  readonly printConfig?: boolean;
}

/**
 * Adds the command that runs one connector with flags in place of a config. The flags are those of its schema.
 * @throws MillraceError `config.unknown-type`, `connector.end`
 */
export function addConnectorCommand(run: Command, type: string, session: Session): void {
  const found = findConnector(type);
  const { spec, end } = found;
  run.enablePositionalOptions();
  const command = run
    .command(type)
    .description(`${spec.summary} The flags stand for a config, which --print-config prints.`)
    .usage("--topic <topic> [flags]")
    .optionsGroup("Pipeline:")
    .requiredOption("--topic <topic>", end === "source" ? "topic to write to" : "topic to read")
    .option("--name <name>", `name under which its position is kept (default: ${type} and the topic)`);
  if (end === "sink") {
    command.option(
      "--from <where>",
      "where it begins the first time: beginning, end, or an offset",
      "beginning",
    );
  }
  command
    .option("--once", "end after what the source has now")
    .option("--watch", "exchange modules when their files change")
    .option("--dry-run, --print-config", "check all of it and print it as a config, and do not run")
    .option(...secretsOption)
    .option(...modulesOption)
    .option(...topicsOption)
    .option(...jsonOption)
    .option("-q, --quiet", "no progress and no counts; problems are still told");
  const flags = allFlags(
    spec.system,
    jsonSchemaOf(settingsOf(found)),
    end === "source" ? spec.extract : spec.packing,
  );
  const given = addFlags(command, flags, spec.system);
  const steps = addStepFlags(command);
  command.addHelpText("after", examples(examplesFor(type, flags))).action(async () => {
    const options: ConnectorOptions = command.optsWithGlobals();
    const missing = flags.filter((flag) => flag.isRequired && !given.has(flag));
    if (missing.length > 0) throw missingFlags(type, missing);
    const text = configTextOf({
      type,
      topic: options.topic,
      name: options.name ?? `${type}-${options.topic}`,
      nameOption: options.name === undefined ? "--topic" : "--name",
      from: end === "sink" ? options.from : undefined,
      values: flags.flatMap((flag) => {
        const value = given.get(flag);
        return value === undefined ? [] : [[flag, value] as const];
      }),
      steps,
    });
    const { runFlags } = await import("./action.ts");
    session.settle(await runFlags({ text, steps }, options, session));
  });
}

type Given = Map<Flag, string | boolean | readonly string[]>;

function allFlags(
  system: string,
  settings: JsonSchema,
  extract: Parameters<typeof jsonSchemaOf>[0] | undefined,
): readonly Flag[] {
  const taken = new Set([...ownOptions, ...stepOptions].map((name) => `--${name}`));
  const own = flagsOf(settings, [system], taken);
  for (const { option } of own) taken.add(option);
  const { extract: _extract, "topic-folder": _topics, "module-folder": _modules, ...others } = millraceKeys();
  return [
    ...own,
    ...(extract === undefined || taken.has("--extract")
      ? []
      : flagOf(jsonSchemaOf(extract), ["millrace", "extract"], "--extract")),
    ...flagsOf({ properties: others }, ["millrace"], taken),
  ];
}

/** Adds the flags. What they were given is in the map that comes back, once the command line is parsed. */
function addFlags(command: Command, flags: readonly Flag[], system: string): Given {
  const given: Given = new Map();
  for (const flag of flags) {
    const { option, kind, placeholder, description, isRequired } = flag;
    const isMany = kind === "list" || kind === "mapping";
    const group = flag.path[0] === system ? `Connector (the section ${system}: of a config):` : "Pipeline:";
    const remark = [
      ...(isRequired ? ["required"] : []),
      ...(isMany && flag.path[0] === system ? ["may be repeated"] : []),
      ...(flag.default === undefined || flag.default === "" ? [] : [`default: ${flag.default}`]),
    ];
    const text = remark.length === 0 ? description : `${description} (${remark.join(", ")})`;
    if (kind === "boolean") {
      command.addOption(new Option(option, text).helpGroup(group));
      command.addOption(new Option(noOption(option), "switch it off").helpGroup(group));
      command.on(`option:${option.slice(2)}`, () => given.set(flag, true));
      command.on(`option:${noOption(option).slice(2)}`, () => given.set(flag, false));
      continue;
    }
    const take = (value: string): void => {
      const before = given.get(flag);
      given.set(flag, isMany ? [...(Array.isArray(before) ? before : []), value] : value);
    };
    const added = new Option(`${option} ${placeholder}`, text).argParser(take).helpGroup(group);
    command.addOption(added);
    const key = flag.path.at(-1) ?? "";
    if (
      `--${key}` !== option &&
      flag.path.length === 2 &&
      !flags.some((each) => each.option === `--${key}`)
    ) {
      command.addOption(new Option(`--${key} <text>`).argParser(take).hideHelp());
    }
  }
  return given;
}

function missingFlags(type: string, missing: readonly Flag[]): MillraceError {
  const names = missing.map(({ option, placeholder }) => `${option} ${placeholder}`);
  return new MillraceError("cli.usage", `${type} needs ${names.join(" and ")}`, {
    hint: `\`millrace run ${type} --help\` shows what there is`,
  });
}

function examplesFor(type: string, flags: readonly Flag[]): [string, string][] {
  const needed = flags.filter(({ isRequired }) => isRequired).map(({ option }) => `${option} …`);
  const call = [`millrace run ${type} --topic quakes`, ...needed].join(" ");
  return [
    [`${call} --once`, "run it for what is there now"],
    [`${call} --filter keep.wasm --with level=error`, "with a module and its parameter"],
    [`${call} --print-config > pipeline.yaml`, "as a config"],
  ];
}
