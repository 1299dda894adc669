import {
  type Contender,
  type Measurement,
  measure,
  profileModule,
  type RecordsFrom,
  reportPage,
  saveBaseline,
  usualSeed,
  writeTextFile,
} from "../../devkit/index.ts";
import { MillraceError } from "../../errors.ts";
import { moduleFolderOf } from "../module-folder.ts";
import type { Outcome } from "../outcome.ts";
import type { Session } from "../session.ts";
import { contendersOf } from "./contenders.ts";
import type { BenchOptions } from "./options.ts";
import { BenchProgress } from "./progress.ts";
import type { BenchResult } from "./result.ts";
import { measurementText, shortText } from "./text.ts";

const usual = { batchSizes: [1, 10, 100, 1000], rounds: 20, durationMs: 1000 };

/**
 * Measures modules, and compares them where that is asked for.
 * @param files paths of modules, or their names in the store
 * @throws MillraceError `cli.usage`, what loading or running a module throws, and what reading and writing files throws; that one
 * is slower than it may be is in the outcome, beside the figures
 */
export async function benchModules(
  files: readonly string[],
  options: BenchOptions,
  session: Session,
): Promise<Outcome<BenchResult>> {
  checkTogether(options);
  const folder = moduleFolderOf(options.modules, session.world.environment);
  const contenders = await contendersOf(files, options, folder);
  const progress = new BenchProgress(session.screen, session.stderr.style, options.quiet !== true);
  const { stdout, world } = session;
  const { rounds = usual.rounds, duration = usual.durationMs, batchSize = usual.batchSizes } = options;
  const records = recordsOf(options);
  const [first] = contenders;
  let measurement: Measurement;
  let profiled: Written | undefined;
  try {
    measurement = await measure({
      contenders,
      records,
      batchSizes: batchSize,
      rounds,
      durationMs: duration,
      signal: world.stopSignal(),
      onProgress: (state) => progress.draw(state),
    });
    if (options.profile !== undefined && !measurement.stopped) {
      progress.say("profiling");
      profiled = await writeProfile(options.profile, first, { records, batchSize, duration });
    }
  } finally {
    progress.clear();
  }
  if (options.saveBaseline !== undefined) await saveBaseline(options.saveBaseline, first, measurement);
  if (options.report !== undefined) await writeTextFile(options.report, reportPage(measurement));
  const result: BenchResult = {
    ...measurement,
    files: {
      report: options.report ?? null,
      profile: profiled?.profile ?? null,
      flameGraph: profiled?.flameGraph ?? null,
      baseline: options.saveBaseline ?? null,
    },
  };
  const isCompared = options.compare === true || options.baseline !== undefined;
  return {
    summary: shortText(result, isCompared),
    result,
    text: measurementText(result, isCompared, stdout.style),
    error: slowerThanAllowed(result, options.failUnder),
  };
}

function checkTogether(options: BenchOptions): void {
  const { input, format, generate, seed, valueSize, compare, baseline, failUnder } = options;
  const isMadeUp = generate ?? seed ?? valueSize;
  if (input !== undefined && isMadeUp !== undefined) {
    throw new MillraceError("cli.usage", "--input brings its own records, so nothing is made up beside it", {
      hint: "leave out --generate, --seed and --value-size, or --input",
    });
  }
  if (input === undefined && format !== undefined) {
    throw new MillraceError("cli.usage", "--format says how the records of --input stand", {
      hint: "give the file with --input",
    });
  }
  if (valueSize !== undefined && generate !== undefined && generate !== "log") {
    throw new MillraceError("cli.usage", "only logs are made up in sizes", {
      hint: "leave out --generate or --value-size",
    });
  }
  if (failUnder !== undefined && compare !== true && baseline === undefined) {
    throw new MillraceError("cli.usage", "--fail-under needs something to compare with", {
      hint: "give --baseline, or --compare and several modules",
    });
  }
}

function recordsOf(options: BenchOptions): readonly RecordsFrom[] {
  const { input, format = "lines", generate = "log", seed = usualSeed, valueSize } = options;
  if (input !== undefined) return [{ from: "file", path: input, format }];
  const generator = { from: "generator", kind: generate, seed } as const;
  return valueSize === undefined
    ? [generator]
    : valueSize.map((valueBytes) => ({ ...generator, valueBytes }));
}

interface Written {
  readonly profile: string;
  readonly flameGraph: string;
}

async function writeProfile(
  file: string,
  contender: Contender,
  how: {
    readonly records: readonly RecordsFrom[];
    readonly batchSize: readonly number[];
    readonly duration: number;
  },
): Promise<Written> {
  const flameGraph = `${file.replace(/\.cpuprofile$/, "")}.html`;
  const { records, batchSize, duration } = how;
  const profile = await profileModule(contender, {
    records: records[0] ?? { from: "generator", kind: "log", seed: usualSeed },
    batchRecords: Math.max(...batchSize),
    durationMs: Math.max(duration, profileMsMin),
  });
  await writeTextFile(file, JSON.stringify(profile.cpuProfile));
  await writeTextFile(flameGraph, profile.page);
  return { profile: file, flameGraph };
}

/** Samples are taken each 0.2 ms; fewer than a few thousand of them show nothing. */
const profileMsMin = 1000;

/** Only what is surely below fails: the whole range of the ratio, and no difference that is within the noise. */
function slowerThanAllowed(
  { modules, cases }: Measurement,
  ratioMin: number | undefined,
): MillraceError | undefined {
  if (ratioMin === undefined) return undefined;
  for (const { batchRecords, comparisons } of cases) {
    const slow = comparisons.find(
      ({ high, verdict }) => high < ratioMin && (ratioMin > 1 || verdict === "slower"),
    );
    if (slow === undefined) continue;
    const [base, other] = [modules[0]?.name, modules[slow.module]?.name];
    return new MillraceError(
      "bench.slower",
      `${other} runs at ${slow.ratio.toFixed(3)} of the speed of ${base} in batches of ${batchRecords}, and ` +
        `${ratioMin} is the least that is allowed`,
      {
        where: { option: "--fail-under" },
        hint: "--profile shows where the time goes; a new --save-baseline accepts it",
      },
    );
  }
  return undefined;
}
