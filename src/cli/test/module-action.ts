import {
  outputOf,
  runTrial,
  type TrialOutcome,
  type TrialRecord,
  type TrialStep,
} from "../../devkit/trial/index.ts";
import { loadModule } from "../../engine/index.ts";
import { MillraceError } from "../../errors.ts";
import { moduleFolderOf } from "../module-folder.ts";
import type { Outcome } from "../outcome.ts";
import { plural, printable } from "../output/index.ts";
import { readCalledModule } from "../read-module.ts";
import type { Session } from "../session.ts";
import { pairOf } from "../usage.ts";
import { ageOf, earlierRecords, inputRecords } from "./given-records.ts";
import { type ModuleTestResult, moduleTestResult } from "./module-result.ts";
import type { ModuleTestOptions } from "./options.ts";

/**
 * Runs records through a module, or a chain of them, and prints what comes out, as `smdk test` does. Unlike that, it tells
 * what failed, and fails then.
 * @param targets the module, where it is not given by a flag
 * @throws MillraceError `cli.usage`, and what loading and starting a module throws
 */
export async function testModule(
  targets: readonly string[],
  options: ModuleTestOptions,
  session: Session,
): Promise<Outcome<ModuleTestResult>> {
  const now = Date.now();
  const records = await inputRecords(options, session);
  const steps = await stepsOf(targets, options, moduleFolderOf(options.modules, session.world.environment));
  const result = await runTrial(steps, records, {
    earlier: earlierRecords(options, now),
    now,
    timestamp: now,
    onLog: ({ module, level, text }) =>
      session.screen.print(session.stderr.style.dim(printable(`${module}: ${level}: ${text}`))),
  });
  const output = outputOf(result);
  if (options.json !== true) await print(output, options, session);
  const problems = [...failuresOf(result.outcomes), ...(result.ended === undefined ? [] : [result.ended])];
  const summary = `${plural(records.length, "record")} in, ${output.length} out, ${problems.length} failed`;
  const [only, ...others] = problems;
  return {
    summary,
    result: moduleTestResult(result),
    error:
      others.length === 0
        ? only
        : new MillraceError("test.failed", `${problems.length} of ${records.length} records failed`, {
            problems,
          }),
  };
}

async function print(
  output: readonly TrialRecord[],
  { verbose, keyValue }: ModuleTestOptions,
  { stdout }: Session,
): Promise<void> {
  const lines: Uint8Array[] = verbose === true ? [Buffer.from(`${output.length} records outputted\n`)] : [];
  for (const { value, key } of output) {
    if (keyValue === true) lines.push(Buffer.from("["), key ?? Buffer.from("null"), Buffer.from("] "));
    lines.push(value, Buffer.from("\n"));
  }
  if (lines.length > 0) await stdout.write(Buffer.concat(lines));
}

/** What failed, as errors that name their record by its number, from 1. */
function failuresOf(outcomes: readonly TrialOutcome[]): readonly MillraceError[] {
  return outcomes.flatMap(({ failures }, index) =>
    failures.map(
      ({ module, code, message }) =>
        new MillraceError(code, `record ${index + 1}: ${message}`, { where: { module } }),
    ),
  );
}

async function stepsOf(
  targets: readonly string[],
  options: ModuleTestOptions,
  folder: string,
): Promise<readonly TrialStep[]> {
  const {
    params = [],
    transformsFile,
    transformsLine = [],
    lookbackLast,
    lookbackAge,
    accumulator,
  } = options;
  const transforms = options.transforms ?? transformsFile;
  const [file, ...others] = options.wasmFile === undefined ? targets : [options.wasmFile, ...targets];
  if (others.length > 0) {
    throw new MillraceError("cli.usage", "records go through one module, or through a chain", {
      hint: "name the modules of a chain with --transforms-line, or in a file for --transforms",
    });
  }
  const isChain = transforms !== undefined || transformsLine.length > 0;
  if (isChain === (file !== undefined)) {
    throw new MillraceError(
      "cli.usage",
      isChain ? "a chain names its modules itself" : "there is nothing to test",
      {
        hint: "name a module, or give --transforms or --transforms-line",
      },
    );
  }
  if (isChain && params.length > 0) {
    throw new MillraceError(
      "cli.usage",
      "--params is for one module, and the steps of a chain have their own",
      {
        hint: "write them under `with:` of a step",
      },
    );
  }
  const ageMs = lookbackAge === undefined ? undefined : ageOf("--lookback-age", lookbackAge);
  const lookBack =
    lookbackLast === undefined && ageMs === undefined ? undefined : { last: lookbackLast, ageMs };
  if (isChain) {
    const { chainSteps } = await import("./chain-steps.ts");
    const steps = await chainSteps(transforms, transformsLine, folder);
    return lookBack === undefined ? steps : steps.map((step) => ({ ...step, lookBack }));
  }
  const parameters = new Map(params.map((text) => pairOf("--params", text)));
  const { bytes, name } = await readCalledModule(String(file), folder);
  return [
    {
      module: await loadModule(bytes, name),
      parameters,
      lookBack,
      accumulator: accumulator === undefined ? undefined : new TextEncoder().encode(accumulator),
    },
  ];
}
