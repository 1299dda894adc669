import { silentLogger, withArticle } from "../../../base/index.ts";
import type { ReadPlan } from "../../../config/index.ts";
import { MillraceError, type Where } from "../../../errors.ts";
import { preparePipeline, type RunnablePipeline } from "../../../run/index.ts";
import type { Outcome } from "../../outcome.ts";
import { warningLines } from "../../output/index.ts";
import { readConfig } from "../../read-config.ts";
import type { Session } from "../../session.ts";
import { topicFolderOf } from "../../topic-folder.ts";
import { runPlan } from "../action.ts";
import type { RunCommandOptions } from "../options.ts";
import type { RunResult } from "../result.ts";
import type { ConfigText } from "./config-text.ts";
import type { GivenStep } from "./steps.ts";

/** What the places of problems would name as the file; each is turned into the option that the line stands for. */
const fileName = "command line";

export interface FlagsToRun {
  readonly text: ConfigText;
  readonly steps: readonly GivenStep[];
}

interface FlagsOptions extends RunCommandOptions {
  readonly printConfig?: boolean;
}

/** What `run … --print-config --json` gives. */
interface PrintedConfig {
  readonly config: string;
}

/**
 * Runs a connector with flags, or prints the config that they stand for. The config is read as a file would be, so
 * that what is right and wrong is the same.
 * @throws MillraceError what is wrong, at the option that says it
 */
export async function runFlags(
  { text, steps }: FlagsToRun,
  options: FlagsOptions,
  session: Session,
): Promise<Outcome<RunResult | PrintedConfig>> {
  try {
    const read = await readConfig(fileName, options, session, text.text);
    const plan: ReadPlan = { ...read, warnings: read.warnings.map((each) => atOption(each, text)) };
    const check = (pipeline: RunnablePipeline): void => checkKinds(pipeline, steps);
    if (options.printConfig === true) return await printConfig(plan, check, text, options, session);
    const { outcome } = await runPlan({ ...plan, config: null, check }, options, session);
    return outcome.error === undefined ? outcome : { ...outcome, error: errorAtOption(outcome.error, text) };
  } catch (error) {
    throw errorAtOption(error, text);
  }
}

async function printConfig(
  { plan, warnings }: ReadPlan,
  check: (pipeline: RunnablePipeline) => void,
  { text }: ConfigText,
  { topics }: FlagsOptions,
  { screen, stderr, world }: Session,
): Promise<Outcome<PrintedConfig>> {
  for (const warning of warnings) screen.print(warningLines(warning, stderr.style).join("\n"));
  const topicFolder = topicFolderOf(topics, world.environment).path;
  check(await preparePipeline(plan, { once: true, topicFolder, log: silentLogger, onSkip: () => {} }));
  return { summary: "this is the config", result: { config: text }, text: text.trimEnd() };
}

/** The flag of a module says of which kind it is, which a config does not. */
function checkKinds({ modules }: RunnablePipeline, steps: readonly GivenStep[]): void {
  for (const [index, { flag, kind, uses }] of steps.entries()) {
    const found = modules[index]?.module.abi.kind;
    if (kind === undefined || found === undefined || kind === found) continue;
    throw new MillraceError(
      "cli.usage",
      `${uses} is ${withArticle(found)}, and ${flag} takes ${withArticle(kind)}`,
      {
        where: { option: `${flag} ${uses}` },
        hint: `give it as --${found} ${uses}`,
      },
    );
  }
}

interface Placed {
  readonly where?: Where | undefined;
}

function atOption<Each extends Placed>(each: Each, text: ConfigText): Each {
  return { ...each, where: optionOf(each.where, text) };
}

function errorAtOption(error: unknown, text: ConfigText): unknown {
  if (!MillraceError.is(error)) return error;
  return new MillraceError(error.code, error.message, {
    where: optionOf(error.where, text),
    hint: error.hint?.replaceAll("`meta.name`", "`--name`"),
    problems: error.problems.map((problem) => errorAtOption(problem, text)).filter(MillraceError.is),
    cause: error,
  });
}

function optionOf(where: Where | undefined, text: ConfigText): Where | undefined {
  if (where === undefined || !("file" in where) || where.file !== fileName) return where;
  const option = where.line === undefined ? undefined : text.optionAt(where.line);
  return option === undefined ? undefined : { option };
}
