import type { Command } from "commander";
import { examples, jsonOption } from "../help.ts";
import type { Session } from "../session.ts";
import type { ReplayCommandOptions } from "./options.ts";

export function addReplayCommand(parent: Command, session: Session): void {
  parent
    .command("replay")
    .summary("do again what a capture holds")
    .description(
      "Runs the modules of a capture on the batches that they got, and says whether the same comes of them; where it does not, " +
        "at which record. With another module it tells what that one would have done. Nothing is read or delivered.",
    )
    .argument("<capture>", "the file that `millrace capture` has made")
    .option("-m, --module <file>", "another module in place of the captured one")
    .option("--at <step>", "only this step: its number, its name, or its module")
    .option(
      "-e, --with <key=value>",
      "parameter in place of the captured one; may be repeated",
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option("--modules <dir>", "folder to look for the modules in too")
    .option("--step", "show what each step makes of each record: with keys on a terminal, else as a list")
    .option(...jsonOption)
    .option("-q, --quiet", "no progress; only what differs is told")
    .addHelpText(
      "after",
      examples([
        ["millrace replay orders.mrcap", "does the same come out?"],
        ["millrace replay orders.mrcap --module new.wasm --at 2", "what would this one do?"],
        ["millrace replay orders.mrcap --step", "record by record"],
      ]),
    )
    .action(async (capture: string, options: ReplayCommandOptions) => {
      const { replayFile } = await import("./action.ts");
      session.settle(await replayFile(capture, options, session));
    });
}
