import type { Command } from "commander";
import { examples, jsonOption, modulesOption, secretsOption, topicsOption } from "../help.ts";
import type { Session } from "../session.ts";
import { type CaptureCommandOptions, parseBytes, parseMask, parseRecords, parseSample } from "./options.ts";

export function addCaptureCommand(parent: Command, session: Session): void {
  parent
    .command("capture")
    .summary("run a pipeline and keep what its steps do")
    .description(
      "Runs a pipeline as `run` does, and keeps each batch before and after each step in a file, for `millrace replay`. It " +
        "delivers what it reads. It ends when the source does, when it is stopped, or when the capture is full. Secrets are " +
        "not in the file, but the records are: `--mask` puts other values in the place of private ones.",
    )
    .argument("<config>", "YAML file of the pipeline")
    .option("-o, --output <file>", "the capture (default: the pipeline's name with .mrcap)")
    .option("--once", "end after what the source has now")
    .option("--records <count>", "most records in it (default: 1,000,000)", parseRecords)
    .option("--bytes <size>", "most bytes of the file, such as 10MB (default: 256 MiB)", parseBytes)
    .option("--sample <share>", "one batch in so many, such as 1/100", parseSample)
    .option("--mask <field,...>", "fields with private data, such as user.email", parseMask)
    .option(...secretsOption)
    .option(...modulesOption)
    .option(...topicsOption)
    .option(...jsonOption)
    .option("-q, --quiet", "no progress and no counts; problems are still told")
    .addHelpText(
      "after",
      examples([
        ["millrace capture orders.yaml --once", "into orders.mrcap"],
        ["millrace capture orders.yaml --records 1000 -o bug.mrcap", "the first thousand"],
        ["millrace capture orders.yaml --mask user.email,card", "without private data"],
      ]),
    )
    .action(async (config: string, options: CaptureCommandOptions) => {
      const { captureRun } = await import("./action.ts");
      session.settle(await captureRun(config, options, session));
    });
}
