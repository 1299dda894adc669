import { type Command, Option } from "commander";
import { examples, jsonOption, modulesOption, secretsOption } from "../help.ts";
import type { Session } from "../session.ts";
import { parseWhole, wrongValue } from "../whole-number.ts";
import type { TestFilesOptions } from "./files/action.ts";
import { reporters } from "./files/reporters.ts";
import type { ModuleTestOptions } from "./options.ts";

function addRepeated(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

type TestOptions = ModuleTestOptions & TestFilesOptions;

/** The flags of `smdk test` with records on the command line, then those of test files. */
export function addTestCommand(parent: Command, session: Session): void {
  parent
    .command("test")
    .summary("run test files, or try a module on records")
    .description(
      "Runs test files (*.test.yaml): those that are named, those in named folders, or all beneath the current one. With " +
        "--text, --file or --stdin it runs records through a module and prints what comes out. Modules run offline in either " +
        "case, and nothing that a config names is touched. The flags for a module are those of Fluvio's `smdk test`; unlike " +
        "that, what fails is told and fails the call.",
    )
    .argument("[targets...]", "test files or folders; or one .wasm file, to try it on records")
    .optionsGroup("Test files:")
    .option("--filter <text>", "only tests with this in their names; -t, too")
    .option("-u, --update", "take snapshots anew")
    .option("-w, --watch", "run again when a test, a config or a module changes; sources are built")
    .addOption(
      new Option("--reporter <form>", "how to tell what they came to")
        .choices([...reporters])
        .default("human"),
    )
    .option(...secretsOption)
    .option(...modulesOption)
    .optionsGroup("One module, or a chain:")
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
    .optionsGroup("Options:")
    .option(...jsonOption)
    .addHelpText(
      "after",
      examples([
        ["millrace test", "run all test files beneath the current folder"],
        ["millrace test filter.test.yaml --watch", "and again whenever something changes"],
        ['millrace test filter.wasm --text \'{"level":"error"}\'', "what becomes of one record"],
        ["millrace test filter.wasm -e level=error --file log.ndjson", "of each line of a file"],
        ["millrace test dedup.wasm --text a --record a --lookback-last 1", "with an earlier record"],
      ]),
    )
    .action(async (targets: readonly string[], options: TestOptions) => {
      if (triesModule(targets, options)) {
        const { testModule } = await import("./module-action.ts");
        session.settle(await testModule(targets, options, session));
      } else {
        const { testFiles } = await import("./files/action.ts");
        const { filter = options.transforms, ...others } = options;
        session.settle(
          await testFiles(targets, { ...others, ...(filter === undefined ? {} : { filter }) }, session),
        );
      }
    });
}

/** Of the flags, `-t` alone means something in either case: a file of transforms, or a part of a name. */
function triesModule(targets: readonly string[], options: TestOptions): boolean {
  const { text, file, stdin, wasmFile, transformsFile, transformsLine } = options;
  const given = [text, file, stdin, wasmFile, transformsFile, transformsLine];
  return given.some((each) => each !== undefined) || targets.some((target) => /\.wasm$/i.test(target));
}

function parseLast(text: string): number {
  const count = parseWhole(text);
  if (count === undefined) throw wrongValue("--lookback-last", text, "a number of records");
  return count;
}
