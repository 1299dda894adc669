import type { Command } from "commander";
import { examples, jsonOption, modulesOption } from "../help.ts";
import type { Session } from "../session.ts";
import { parseWhole, wrongValue } from "../whole-number.ts";
import type { FuzzCommandOptions } from "./options.ts";

export function addFuzzCommand(parent: Command, session: Session): void {
  parent
    .command("fuzz")
    .summary("look for records that a module gets wrong")
    .description(
      "Tries a module with made-up records and looks for some that break a law that holds for every module, such as: no record " +
        "makes it trap, and the same comes of records in one batch or in many. What it finds is made as small as can be, and " +
        "saved as a test. Inputs are the same for the same seed.",
    )
    .argument("<module>", "the .wasm file, or the name of a module in the store")
    .option(
      "-e, --with <key=value>",
      "parameter to start it with; may be repeated",
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option("--sample <file>", "lines whose shapes and values are drawn from, such as JSON")
    .option("--generator <file>", "a JavaScript module that makes the values, with fast-check")
    .option("--runs <count>", "inputs to try (default: 200)", countParser("--runs"))
    .option("--seed <number>", "of an earlier call, to try its inputs again", seedOf)
    .option("--minutes <number>", "try for so long, in place of --runs", minutesOf)
    .option("--law <name,...>", "only these laws", (text: string, before: readonly string[] = []) => [
      ...before,
      ...text.split(","),
    ])
    .option(
      "--stateless",
      "the module keeps nothing from one record to a later one, though it does not say so",
    )
    .option("-o, --output <file>", "where what is found is saved (default: NAME.fuzz.test.yaml)")
    .option(...modulesOption)
    .option(...jsonOption)
    .option("-q, --quiet", "no progress; only what is found is told")
    .addHelpText(
      "after",
      examples([
        ["millrace fuzz filter.wasm", "with usual records"],
        ["millrace fuzz filter.wasm -e field=level --sample events.jsonl", "with records like these"],
        ["millrace fuzz filter.wasm --seed 7 --law batches", "the same inputs again"],
        ["millrace fuzz filter.wasm --minutes 10", "for longer"],
      ]),
    )
    .action(async (module: string, options: FuzzCommandOptions) => {
      const { fuzzFile } = await import("./action.ts");
      session.settle(await fuzzFile(module, options, session));
    });
}

function countParser(option: string): (text: string) => number {
  return (text) => {
    const count = parseWhole(text);
    if (count === undefined || count === 0) throw wrongValue(option, text, "a whole number from 1 on");
    return count;
  };
}

function seedOf(text: string): number {
  const seed = parseWhole(text);
  if (seed === undefined || seed >= 2 ** 31) throw wrongValue("--seed", text, "a whole number such as 42");
  return seed;
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (!(minutes > 0) || !Number.isFinite(minutes))
    throw wrongValue("--minutes", text, "a number such as 0.5");
  return minutes;
}
