import type { Command } from "commander";
import { examples, jsonOption, modulesOption } from "../help.ts";
import type { Session } from "../session.ts";
import type { BenchOptions } from "./options.ts";
import {
  parseBatchSizes,
  parseDuration,
  parseFuel,
  parseRatio,
  parseRounds,
  parseSeed,
  parseValueSizes,
} from "./values.ts";

export function addBenchCommand(parent: Command, session: Session): void {
  parent
    .command("bench")
    .summary("measure what modules cost")
    .description(
      "Measures what modules cost: records and bytes a second, time in the host and in the module, the slowest batches, fuel, " +
        "copies, memory, and how long they take to start. With --compare or --baseline it says whether one is faster than " +
        "another, and calls what lies within the noise no difference.",
    )
    .argument("<module...>", ".wasm files or names of modules; each is measured side by side with the others")
    .option("-i, --input <file>", "records to measure with (default: made-up ones)")
    .option(
      "--format <lines|csv|json|msgpack|length-prefixed>",
      "how they stand in the file (default: lines)",
    )
    .option("--generate <log|order>", "what is made up: logs, orders, or a template such as 'n={{random}}'")
    .option("--seed <number>", "the same seed makes the same records up", parseSeed)
    .option("-b, --batch-size <numbers>", "records in a batch (default: 1,10,100,1000)", parseBatchSizes)
    .option("--value-size <sizes>", "bytes of made-up logs, such as 200,1KiB", parseValueSizes)
    .option("--params <file>", "YAML or JSON with parameters; for all modules, or one for each", gathered)
    .option("-e, --with <key=value>", "parameter of all modules; may be repeated", gathered)
    .option(
      "--fuel <on|off>",
      "whether instructions are counted; for all modules, or one for each",
      gatheredFuel,
    )
    .option("--compare", "say whether the others are faster or slower than the first")
    .option("--baseline <file>", "compare with the module that was saved there")
    .option("--save-baseline <file>", "save the first module and its figures")
    .option(
      "--fail-under <ratio>",
      "exit with 1 where the speed is surely below it, such as 0.95",
      parseRatio,
    )
    .option("--duration <duration>", "time for each module and size (default: 1s)", parseDuration)
    .option("--rounds <count>", "parts that the time is cut into (default: 20)", parseRounds)
    .option(
      "--profile <file>",
      "write a .cpuprofile of the first module, and a flame graph beside it as .html",
    )
    .option("--report <file>", "write a report with charts as one HTML file")
    .option(...modulesOption)
    .option(...jsonOption)
    .option("-q, --quiet", "no progress")
    .addHelpText(
      "after",
      examples([
        ["millrace bench filter.wasm -e level=error", "what a module costs"],
        ["millrace bench filter.wasm --input app.ndjson --report out.html", "with records of your own"],
        ["millrace bench --compare old.wasm new.wasm", "which is faster, or no difference"],
        ["millrace bench --compare filter.wasm --fuel on --fuel off", "two settings of one module"],
        ["millrace bench filter.wasm --baseline base.json --fail-under 0.95", "for CI"],
      ]),
    )
    .action(async (modules: readonly string[], options: BenchOptions) => {
      const { benchModules } = await import("./action.ts");
      session.settle(await benchModules(modules, options, session));
    });
}

function gathered(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

type OnOrOff = "on" | "off";

function gatheredFuel(text: string, before: readonly OnOrOff[] = []): readonly OnOrOff[] {
  return [...before, parseFuel(text)];
}
