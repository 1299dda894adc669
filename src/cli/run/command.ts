import type { Command } from "commander";
import { examples, jsonOption, modulesOption, secretsOption, topicsOption } from "../help.ts";
import type { Session } from "../session.ts";
import type { RunCommandOptions } from "./options.ts";

/** Options of `run` whose values must not be taken for a connector. */
const optionsBefore: readonly string[] = ["--topics", "--secrets", "--modules"];

/**
 * Adds to `run` the command of the connector that the words name, or a list of all connectors where they ask for help.
 * Each has flags of its own, and they are not looked for before they are needed.
 * @throws MillraceError `config.unknown-type`, `connector.end`
 */
export async function addConnectors(
  program: Command,
  words: readonly string[],
  session: Session,
): Promise<void> {
  const run = program.commands.find((each) => each.name() === "run");
  if (run === undefined) return;
  const [first, second] = words;
  if (first === "help" && second === "run") {
    const { addConnectorSummaries } = await import("./flags/command.ts");
    return addConnectorSummaries(run);
  }
  if (first !== "run") return;
  const own = words.slice(1);
  const named = own.find(
    (word, index) => !word.startsWith("-") && !optionsBefore.includes(own[index - 1] ?? ""),
  );
  if (named !== undefined && /^[\w.-]+-(?:source|sink)$/.test(named)) {
    const { addConnectorCommand } = await import("./flags/command.ts");
    return addConnectorCommand(run, named, session);
  }
  if (named === undefined && own.some((word) => word === "--help" || word === "-h")) {
    const { addConnectorSummaries } = await import("./flags/command.ts");
    addConnectorSummaries(run);
  }
}

export function addRunCommand(parent: Command, session: Session): void {
  parent
    .command("run")
    .summary("run a pipeline")
    .usage("[options] <config>\n       millrace run <connector> --topic <topic> [flags]")
    .description(
      "Runs the pipeline that a config describes, or a connector with flags in place of a config, until its source ends or it " +
        "is stopped. An interrupt (Ctrl-C) lets the records under way arrive first; a second one does not wait. The next run " +
        "goes on where this one stopped. A hangup signal (SIGHUP) has it look at the config and the modules again, as --watch " +
        "does by itself: new modules take their place between two batches, and bad ones are refused.",
    )
    .argument("<config>", "YAML file of the pipeline")
    .option("--once", "end after what the source has now")
    .option("--watch", "take changed modules and steps over while it runs")
    .option(...secretsOption)
    .option(...modulesOption)
    .option(...topicsOption)
    .option(...jsonOption)
    .option("-q, --quiet", "no progress and no counts; problems are still told")
    .addHelpText(
      "after",
      examples([
        ["millrace run quakes.yaml", "run until stopped"],
        ["millrace run quakes.yaml --watch", "and exchange modules when their files change"],
        ["millrace run quakes.yaml --once", "one poll, or one pass over a file"],
        ["millrace run quakes.yaml --once --json | jq .result.counts", "counts for a program"],
        ["millrace run file-source --topic lines --path a.log --filter keep.wasm", "without a config"],
        ["millrace run http-source --help", "the flags of a connector"],
      ]),
    )
    .action(async (config: string, options: RunCommandOptions) => {
      const { runCommand } = await import("./action.ts");
      session.settle(await runCommand(config, options, session));
    });
}
