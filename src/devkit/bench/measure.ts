import { cpus } from "node:os";
import { setImmediate } from "node:timers/promises";
import { limits } from "../../limits.ts";
import { coldStart } from "./cold.ts";
import { type Contender, type LoadedContender, loadContender } from "./contender.ts";
import { figuresOf, msPerRecord, type RoundTimes } from "./figures.ts";
import { batchFrames, valueBytesOf } from "./frames.ts";
import { memoryTrace } from "./memory-trace.ts";
import { type RecordsFrom, recordsToMeasure } from "./records.ts";
import type { ColdStart, Figures, MeasuredCase, MeasuredModule, Measurement } from "./result.ts";
import { inDrawnOrder } from "./shuffle.ts";
import { runSlice, runSplitSlice, type Slice, type Work } from "./slice.ts";
import { clockCostMs, type Now } from "./timer.ts";
import { type CaseTimes, judge } from "./verdict.ts";
import { warmUp } from "./warm-up.ts";

export interface MeasureOptions {
  /** The first one is what the others are compared with. */
  readonly contenders: readonly [Contender, ...Contender[]];
  /** One for each size of values. */
  readonly records: readonly RecordsFrom[];
  readonly batchSizes: readonly number[];
  readonly rounds: number;
  /** Time that each module works for each size of batches and values, all rounds together. */
  readonly durationMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Milliseconds from any origin. */
  readonly now?: Now;
  /** From 0 to below 1, to draw lots with. */
  readonly random?: () => number;
}

export interface Progress {
  readonly batchRecords: number;
  readonly valueBytes: number;
  /** Of the case. */
  readonly round: number;
  readonly rounds: number;
  /** Of the call; from 0 to 1. */
  readonly share: number;
}

interface Tools {
  readonly now: Now;
  readonly clockMs: number;
  readonly random: () => number;
}

/** A case with all that was measured, before it is known what the other cases say. */
interface RawCase {
  readonly times: CaseTimes;
  readonly figures: readonly Figures[];
  readonly batchRecords: number;
  readonly valueBytes: number;
  readonly batchesPerRound: number;
}

/** Records that a case takes where there are more: so many batches that none is in a cache for having been there before. */
const recordsWanted = 50_000;

/**
 * Measures modules side by side: for each size of batches and values, in rounds in which all of them do the same work, in an
 * order drawn by lot. The first one does it twice, to see what is noise.
 * @throws MillraceError what loading or running a module throws, and what reading the records throws
 */
export async function measure(options: MeasureOptions): Promise<Measurement> {
  const { contenders, signal, batchSizes } = options;
  const now = options.now ?? (() => performance.now());
  const tools = { now, clockMs: clockCostMs(now), random: options.random ?? Math.random };
  const loaded: LoadedContender[] = [];
  for (const contender of contenders) loaded.push(await loadContender(contender));
  const raw: RawCase[] = [];
  const caseCount = options.records.length * batchSizes.length;
  for (const from of options.records) {
    const records = await recordsToMeasure(from, Math.max(recordsWanted, ...batchSizes));
    const valueBytes = valueBytesOf(records);
    for (const batchSize of batchSizes) {
      if (signal.aborted) break;
      const { frames, batchRecords } = batchFrames(records, batchSize);
      const onRound = (round: number): void => {
        const share = (raw.length + round / options.rounds) / caseCount;
        options.onProgress({ batchRecords, valueBytes, round, rounds: options.rounds, share });
      };
      const measured = await measureCase(loaded, frames, options, tools, onRound);
      if (measured !== undefined) raw.push({ ...measured, batchRecords, valueBytes });
    }
  }
  const judged = judge(raw.map(({ times }) => times));
  const cases = raw.flatMap(({ times, ...rest }, index): MeasuredCase[] => {
    const verdicts = judged[index];
    return verdicts === undefined ? [] : [{ ...rest, rounds: times.nsAgain.length, ...verdicts }];
  });
  return {
    machine: thisMachine(),
    modules: await Promise.all(loaded.map(about)),
    cases,
    stopped: signal.aborted,
  };
}

async function measureCase(
  contenders: readonly LoadedContender[],
  frames: Work["frames"],
  { rounds, durationMs, signal }: MeasureOptions,
  tools: Tools,
  onRound: (round: number) => void,
): Promise<Omit<RawCase, "batchRecords" | "valueBytes"> | undefined> {
  const { now, clockMs, random } = tools;
  onRound(0);
  const first = frames[0];
  if (first === undefined) return undefined;
  const cold: ColdStart[] = [];
  let slowestMs = 0;
  for (const contender of contenders) {
    await setImmediate();
    if (signal.aborted) return undefined;
    cold.push(await coldStart(contender, first, now));
    slowestMs = Math.max(slowestMs, await warmUp(contender, frames, now));
  }
  const batches = batchesOfSlice(durationMs / rounds, slowestMs);
  const work: Work = { frames, batches };
  const times = contenders.map((): RoundTimes => ({ slices: [], splits: [] }));
  const again: number[] = [];
  for (let round = 0; round < rounds && !signal.aborted; round++) {
    const turns = contenders.flatMap((contender, index) => [
      async () => void times[index]?.slices.push(await runSlice(contender, work, now, clockMs)),
      async () => void times[index]?.splits.push(await runSplitSlice(contender, work, now, clockMs)),
    ]);
    const [base] = contenders;
    if (base !== undefined)
      turns.push(async () => void again.push(nsPerRecord(await runSlice(base, work, now, clockMs))));
    for (const turn of inDrawnOrder(turns, random)) {
      await turn();
      // Lets an interrupt be heard.
      await setImmediate();
    }
    onRound(round + 1);
  }
  if (again.length === 0) return undefined;
  const figures: Figures[] = [];
  for (const [index, contender] of contenders.entries()) {
    const memory = await memoryTrace(contender, {
      frames,
      batches: Math.max(1, Math.ceil((batches * rounds) / 4)),
    });
    const known = cold[index];
    const own = times[index];
    if (known !== undefined && own !== undefined) figures.push(figuresOf(own, frames, known, memory));
  }
  const nsByModule = times.map(({ slices }) => slices.map(nsPerRecord));
  return { times: { nsByModule, nsAgain: again }, figures, batchesPerRound: batches };
}

/** As many batches as fit into the time, for the slowest module. */
function batchesOfSlice(sliceMs: number, batchMs: number): number {
  const fitting = Math.floor(sliceMs / Math.max(batchMs, 1e-6));
  return Math.min(Math.max(fitting, 1), limits.benchSliceBatchesMax.default);
}

function nsPerRecord(slice: Slice): number {
  return msPerRecord(slice) * 1e6;
}

async function about(contender: LoadedContender): Promise<MeasuredModule> {
  const { name, file, bytes, parameters, fuel, module } = contender;
  const { abi } = module;
  return {
    name,
    file,
    sha256: await module.sha256(),
    bytes: bytes.length,
    abi: abi.name,
    kind: abi.kind,
    parameters: Object.fromEntries(parameters),
    fuel,
  };
}

function thisMachine(): Measurement["machine"] {
  const all = cpus();
  return {
    node: process.version,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    processor: all[0]?.model ?? "unknown",
    cores: all.length,
  };
}
