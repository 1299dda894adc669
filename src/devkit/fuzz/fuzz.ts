import fc from "fast-check";
import type { Module } from "../../engine/index.ts";
import type { RecordInput } from "../../record/index.ts";
import { anyInput, likeSamples, usualSamples } from "./arbitraries.ts";
import { loadGenerator } from "./generator.ts";
import { type Law, laws, recordsMax } from "./laws.ts";
import type { BrokenLaw, FuzzResult, LawName, LawResult } from "./result.ts";
import { shrunk } from "./shrink.ts";
import { InputRuns, Subject } from "./subject.ts";

export interface FuzzOptions {
  readonly parameters?: ReadonlyMap<string, string> | undefined;
  /** Records whose shapes are drawn from; usual ones where it is absent or empty. */
  readonly samples?: readonly Uint8Array[] | undefined;
  /** Path of a JavaScript module that makes values, in place of samples. */
  readonly generator?: string | undefined;
  readonly seed: number;
  /** How many inputs are tried. */
  readonly runs: number;
  /** Milliseconds for all inputs; their number counts for nothing then. */
  readonly timeMs?: number | undefined;
  /** Most milliseconds that an input is made smaller for, for each law. */
  readonly shrinkMsMax: number;
  /** All of them where it is absent. */
  readonly laws?: readonly LawName[] | undefined;
  /** What the user says of a module that does not say so itself. */
  readonly isStateless?: boolean | undefined;
  /** Told of each input before it is tried; of a law where one is made smaller that breaks it. */
  readonly onRun?: ((runs: number, shrinking: LawName | undefined) => void) | undefined;
  readonly stop?: AbortSignal | undefined;
}

interface Tried {
  readonly law: Law;
  runs: number;
  /** Number of the first input that breaks it. */
  brokenAt: number | undefined;
}

/**
 * Tries a module with made-up records: each input with all laws that none before has broken; then what breaks a law is made
 * smaller.
 * @throws MillraceError what starting the module throws; `fuzz.generator`
 */
export async function runFuzz(module: Module, options: FuzzOptions): Promise<FuzzResult> {
  const subject = await Subject.open(module, options.parameters ?? new Map(), options.isStateless);
  const { samples = [], generator, seed, laws: chosen } = options;
  const values =
    generator === undefined
      ? likeSamples(samples.length === 0 ? usualSamples : samples)
      : await loadGenerator(generator);
  const input = anyInput(values, recordsMax, subject.readsClock);
  const wanted = laws.filter(({ name }) => chosen?.includes(name) ?? true);
  const tried = wanted
    .filter((law) => law.skips(subject) === undefined)
    .map((law): Tried => ({ law, runs: 0, brokenAt: undefined }));
  await tryAll(tried, subject, input, options);
  const results: LawResult[] = [];
  for (const law of wanted) {
    const { name, sentence } = law;
    const own = tried.find((each) => each.law === law);
    const broken =
      own?.brokenAt === undefined ? undefined : await smallest(own.brokenAt, law, subject, input, options);
    results.push({ law: name, sentence, runs: own?.runs ?? 0, skipped: law.skips(subject), broken });
  }
  return { module: module.name, sha256: await module.sha256(), kind: subject.kind, seed, laws: results };
}

async function tryAll(
  tried: readonly Tried[],
  subject: Subject,
  input: fc.Arbitrary<readonly RecordInput[]>,
  { seed, runs, timeMs, onRun, stop }: FuzzOptions,
): Promise<void> {
  let index = -1;
  const property = fc.asyncProperty(input, async (records) => {
    index++;
    if (stop?.aborted) return;
    onRun?.(index, undefined);
    const of = new InputRuns(records, subject);
    for (const each of tried) {
      if (each.brokenAt !== undefined || index % (each.law.oneIn ?? 1) !== 0) continue;
      each.runs++;
      if ((await each.law.check(of)) !== undefined) each.brokenAt = index;
    }
  });
  await fc.check(property, {
    seed,
    numRuns: timeMs === undefined ? runs : Number.MAX_SAFE_INTEGER,
    ...(timeMs === undefined ? {} : { interruptAfterTimeLimit: timeMs, markInterruptAsFailure: false }),
  });
}

/** The smallest input that comes of one that breaks a law. */
async function smallest(
  index: number,
  law: Law,
  subject: Subject,
  input: fc.Arbitrary<readonly RecordInput[]>,
  { seed, shrinkMsMax, onRun, stop }: FuzzOptions,
): Promise<BrokenLaw | undefined> {
  const check = (records: readonly RecordInput[]) => law.check(new InputRuns(records, subject));
  let found: BrokenLaw | undefined;
  let tries = 0;
  const untilMs = performance.now() + shrinkMsMax;
  const isOver = (): boolean => stop?.aborted === true || performance.now() > untilMs;
  const property = fc.asyncProperty(input, async (records) => {
    // What is left to be made smaller is given up: the smallest one so far is told.
    if (found !== undefined && isOver()) return true;
    onRun?.(tries++, law.name);
    const violation = await check(records);
    if (violation !== undefined) found = { ...violation, records };
    return violation === undefined;
  });
  // The same seed draws the same inputs, and the path leads to the one that broke the law.
  await fc.check(property, { seed, path: String(index), numRuns: 1 });
  return found && shrunk(found, check, isOver);
}
