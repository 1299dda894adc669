import type { Command } from "commander";
import { limits } from "../../limits.ts";
import { parseDuration, parseRounds, parseSeed } from "../bench/values.ts";
import { examples, jsonOption, modulesOption } from "../help.ts";
import type { Session } from "../session.ts";
import { parseWhole, wrongValue } from "../whole-number.ts";
import type { DiffCommandOptions } from "./options.ts";

export function addDiffCommand(parent: Command, session: Session): void {
  parent
    .command("diff")
    .summary("tell what two versions of a module do differently")
    .description(
      "Runs two versions of a module on the same records and tells what differs: records that are added, dropped or " +
        "changed, or that fail in one of them only, and what they take of fuel, time and memory. A difference of time that " +
        "lies within the noise is called none. It exits with 1 where another thing comes of a record.",
    )
    .argument("<old-module>", "the old version: a .wasm file or the name of a module")
    .argument("<new-module>", "the new version")
    .option("-i, --input <file>", "records to try them with; a capture if it ends in .mrcap")
    .option(
      "--format <lines|csv|json|msgpack|length-prefixed|capture>",
      "how they stand in the file (default: lines)",
    )
    .option("--generate <log|order>", "made-up records: logs, orders, or a template such as 'n={{random}}'")
    .option("--seed <number>", "the same seed makes the same records up", parseSeed)
    .option(
      "--records <count>",
      `most records to compare (default: all; ${limits.diffGeneratedRecords.default} made-up ones)`,
      wholeParser("--records", 1, Number.MAX_SAFE_INTEGER),
    )
    .option(
      "-b, --batch-size <number>",
      "records in a batch (default: 1000; of a capture, its own batches)",
      wholeParser("--batch-size", 1, limits.batchRecordsMax.default),
    )
    .option("-e, --with <key=value>", "parameter of both; may be repeated", gathered)
    .option("--with-old <key=value>", "parameter of the old version only", gathered)
    .option("--with-new <key=value>", "parameter of the new version only", gathered)
    .option(...modulesOption)
    .option(
      "--shown <number>",
      "differences to show (default: 5)",
      wholeParser("--shown", 0, limits.diffShownMax.default),
    )
    .option("--no-time", "measure no time, which takes the longest")
    .option("--duration <duration>", "time to measure each version for (default: 1s)", parseDuration)
    .option("--rounds <count>", "parts that the time is cut into (default: 20)", parseRounds)
    .option(...jsonOption)
    .option("-q, --quiet", "no progress; only what differs is told")
    .addHelpText(
      "after",
      examples([
        ["millrace diff old.wasm new.wasm -i app.ndjson", "with records of your own"],
        ["millrace diff old.wasm new.wasm -i today.mrcap", "with what a pipeline got"],
        ["millrace diff keep@1.0 keep@1.1 --generate log", "two of the store, with made-up records"],
        ["millrace diff old.wasm new.wasm -i app.ndjson --no-time -q", "for CI"],
      ]),
    )
    .action(async (old: string, now: string, options: DiffCommandOptions) => {
      const { diffVersions } = await import("./action.ts");
      session.settle(await diffVersions(old, now, options, session));
    });
}

function gathered(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function wholeParser(option: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = parseWhole(text);
    if (value !== undefined && value >= least && value <= most) return value;
    const upTo = most === Number.MAX_SAFE_INTEGER ? "on" : `to ${most}`;
    throw wrongValue(option, text, `a whole number from ${least} ${upTo}`);
  };
}
