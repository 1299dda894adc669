import {
  type Contender,
  type DiffInput,
  type DiffResult,
  diffModules,
  usualSeed,
} from "../../devkit/index.ts";
import { MillraceError } from "../../errors.ts";
import { BenchProgress } from "../bench/progress.ts";
import { moduleFolderOf } from "../module-folder.ts";
import type { Outcome } from "../outcome.ts";
import { formatCount, plural, warningLines } from "../output/index.ts";
import { readCalledModule } from "../read-module.ts";
import type { Session } from "../session.ts";
import { pairOf } from "../usage.ts";
import type { DiffCommandOptions } from "./options.ts";
import { diffSummary, diffText } from "./text.ts";

const usual = { batchRecords: 1000, shown: 5, rounds: 20, durationMs: 1000 };
const refreshMs = 100;

/**
 * Tells what two versions of a module do differently. A record that comes out as something else fails the command.
 * @throws MillraceError `cli.usage`, what finding, loading and starting a module throws, and what reading the input throws
 */
export async function diffVersions(
  old: string,
  now: string,
  options: DiffCommandOptions,
  session: Session,
): Promise<Outcome<DiffResult>> {
  const { screen, stdout, stderr, world } = session;
  const input = inputOf(options);
  const isQuiet = options.quiet === true;
  const folder = moduleFolderOf(options.modules, world.environment);
  const [first, second] = named(
    await versionOf(old, folder, [...(options.with ?? []), ...(options.withOld ?? [])]),
    await versionOf(now, folder, [...(options.with ?? []), ...(options.withNew ?? [])]),
  );
  const progress = new BenchProgress(screen, stderr.style, !isQuiet);
  const { shown = usual.shown, rounds = usual.rounds, duration: durationMs = usual.durationMs } = options;
  const batchRecords = options.batchSize ?? usual.batchRecords;
  let drawnMs = 0;
  let result: DiffResult;
  try {
    result = await diffModules(first, second, {
      input,
      batchRecordsMax: input.from === "capture" ? options.batchSize : batchRecords,
      recordsMax: options.records,
      shown,
      time: options.time
        ? { batchRecords, rounds, durationMs, onProgress: (state) => progress.draw(state) }
        : undefined,
      stop: world.stopSignal(),
      onProgress(records) {
        if (performance.now() - drawnMs < refreshMs) return;
        drawnMs = performance.now();
        progress.say(`${formatCount(records)} records compared`);
      },
    });
  } finally {
    progress.clear();
  }
  for (const message of result.notes) screen.print(warningLines({ message }, stderr.style).join("\n"));
  return {
    summary: diffSummary(result),
    result,
    text: isQuiet && result.same ? undefined : diffText(result, stdout.style),
    error: result.same ? undefined : differs(result),
  };
}

function inputOf(options: DiffCommandOptions): DiffInput {
  const { input, format, generate, seed } = options;
  if (input === undefined) {
    if (format !== undefined) {
      throw new MillraceError("cli.usage", "--format says how the records of --input stand", {
        hint: "give the file with --input",
      });
    }
    if (generate === undefined) {
      throw new MillraceError("cli.usage", "there are no records to try the versions with", {
        hint: "give a file with --input, or make some up with --generate log",
      });
    }
    return { from: "generator", kind: generate, seed: seed ?? usualSeed };
  }
  if (generate !== undefined || seed !== undefined) {
    throw new MillraceError("cli.usage", "--input brings its own records, so nothing is made up beside it", {
      hint: "leave out --generate and --seed, or --input",
    });
  }
  const isCapture = format === undefined ? /\.mrcap$/i.test(input) : format === "capture";
  return isCapture
    ? { from: "capture", path: input }
    : { from: "file", path: input, format: format ?? "lines" };
}

async function versionOf(called: string, folder: string, pairs: readonly string[]): Promise<Contender> {
  const { file, name, bytes } = await readCalledModule(called, folder);
  return { name, file, bytes, parameters: new Map(pairs.map((text) => pairOf("--with", text))), fuel: true };
}

/** Two versions with names that tell them apart. */
function named(old: Contender, now: Contender): readonly [Contender, Contender] {
  if (old.name !== now.name) return [old, now];
  if (old.file !== now.file) {
    return [
      { ...old, name: old.file },
      { ...now, name: now.file },
    ];
  }
  return [
    { ...old, name: `${old.name} (old)` },
    { ...now, name: `${now.name} (new)` },
  ];
}

function differs({ old, new: now, records, counts, differences }: DiffResult): MillraceError {
  const differing = records - counts.same;
  const [first] = differences;
  const where = first === undefined ? "" : `; the first: record ${first.record}`;
  return new MillraceError(
    "diff.differs",
    `${plural(differing, "record")} of ${formatCount(records)} ${differing === 1 ? "comes" : "come"} out of ${now.name} ` +
      `as something else than of ${old.name}${where}`,
    { where: { file: now.file }, hint: "--shown shows more of them, and --json has all of it for programs" },
  );
}
