import { type Command, Option } from "commander";
import { examples, jsonOption } from "../help.ts";
import type { Session } from "../session.ts";
import { parseWhole, wrongValue } from "../whole-number.ts";
import type { ModuleTestOptions } from "./options.ts";

function addRepeated(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** The flags of `smdk test` with records on the command line, then those of test files. */
export function addTestCommand(parent: Command, session: Session): void {
  parent
    .command("test")
    .summary("try a module on records, or run test files")
    .description(
      "Runs records through a module offline and prints what comes out. It takes the flags of Fluvio's `smdk test`; unlike " +
        "that, it tells what failed and fails then, and it needs no cluster.",
    )
    .argument("[module]", "the .wasm file")
    .option("--wasm-file <file>", "the module, as the argument")
    .option("--text <text>", "one record")
    .option("--file <file>", "one record for each line of a file")
    .option("--stdin", "one record for each line of standard input")
    .option("--raw", "the whole file is one record")
    .option("--key <key>", "key of all records")
    .option("-k, --key-value", "print keys, too: [key] value")
    .option("-e, --params <key=value>", "parameter of the module; may be repeated", addRepeated)
    .option("-t, --transforms <file>", "YAML file with `transforms:`, in place of a module")
    .addOption(new Option("--transforms-file <file>").hideHelp())
    .option("--transforms-line <json>", "step of a chain, as JSON; may be repeated", addRepeated)
    .option("-r, --record <text>", "record that was there before; may be repeated", addRepeated)
    .option("--aged-record <age=text>", "the same with an age, such as 10m=text", addRepeated)
    .option("-l, --lookback-last <count>", "show the module so many of them", parseLast)
    .option("--lookback-age <duration>", "show the module those of this age and younger")
    .option("--accumulator <text>", "what an aggregate begins with")
    .option("-v, --verbose", "print how many records came out, first")
    .option(...jsonOption)
    .addHelpText(
      "after",
      examples([
        ['millrace test filter.wasm --text \'{"level":"error"}\'', "what becomes of one record"],
        ["millrace test filter.wasm -e level=error --file log.ndjson", "of each line of a file"],
        ["millrace test dedup.wasm --text a --record a --lookback-last 1", "with an earlier record"],
      ]),
    )
    .action(async (target: string | undefined, options: ModuleTestOptions) => {
      const { testModule } = await import("./module-action.ts");
      session.settle(await testModule(target, options, session));
    });
}

function parseLast(text: string): number {
  const count = parseWhole(text);
  if (count === undefined) throw wrongValue("--lookback-last", text, "a number of records");
  return count;
}
