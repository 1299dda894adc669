import type { Command } from "commander";
import { examples, jsonOption, topicsOption } from "../help.ts";
import type { Session } from "../session.ts";
import type { RunCommandOptions } from "./options.ts";

export function addRunCommand(parent: Command, session: Session): void {
  parent
    .command("run")
    .summary("run a pipeline")
    .description(
      "Runs the pipeline that a config describes, until its source ends or it is stopped. An interrupt (Ctrl-C) lets " +
        "the records under way arrive first; a second one does not wait. The next run goes on where this one stopped.",
    )
    .argument("<config>", "YAML file of the pipeline")
    .option("--once", "end after what the source has now")
    .option(...topicsOption)
    .option(...jsonOption)
    .option("-q, --quiet", "no progress and no counts; problems are still told")
    .addHelpText(
      "after",
      examples([
        ["millrace run quakes.yaml", "run until stopped"],
        ["millrace run quakes.yaml --once", "one poll, or one pass over a file"],
        ["millrace run quakes.yaml --once --json | jq .result.counts", "counts for a program"],
      ]),
    )
    .action(async (config: string, options: RunCommandOptions) => {
      const { runCommand } = await import("./action.ts");
      session.settle(await runCommand(config, options, session));
    });
}
