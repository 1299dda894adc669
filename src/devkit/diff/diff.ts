import { MillraceError } from "../../errors.ts";
import { Batch } from "../../record/index.ts";
import { type Contender, type LoadedContender, loadContender } from "../bench/contender.ts";
import { Trial } from "../trial/index.ts";
import { type DiffInput, inputBatches } from "./input.ts";
import type { ComparedModule, DiffResult, DiffTime } from "./result.ts";
import { Sample } from "./sample.ts";
import { Tally } from "./tally.ts";
import { type TimeOptions, timeOf } from "./time.ts";

export interface DiffOptions {
  readonly input: DiffInput;
  /** Most records of a batch; as many as a pipeline would take, or as they were captured, where it is absent. */
  readonly batchRecordsMax?: number | undefined;
  /** Most records to compare; all there are where it is absent. */
  readonly recordsMax?: number | undefined;
  /** Most differences to describe. */
  readonly shown: number;
  /** How time is measured; it is not where it is absent. */
  readonly time?: Omit<TimeOptions, "signal"> | undefined;
  readonly stop: AbortSignal;
  /** Told how many records were compared. */
  readonly onProgress?: ((records: number) => void) | undefined;
}

/** The time of records that have none of their own, so that what modules do with time is the same in each run. */
const timestamp = Date.UTC(2024, 0, 1);

/**
 * Runs two versions of a module on the same records, each in one instance, and tells what differs: what comes of each record, and
 * what it takes. The clock and random bytes are the same for both.
 * @throws MillraceError what loading or starting a module throws, and what reading the input throws; `file.empty`
 */
export async function diffModules(old: Contender, now: Contender, options: DiffOptions): Promise<DiffResult> {
  const { input, shown, stop, onProgress } = options;
  const loaded = [await loadContender(old), await loadContender(now)] as const;
  const batch = new Batch();
  const open = ({ module, parameters }: LoadedContender): Promise<Trial> =>
    Trial.open([{ module, parameters }], { deterministic: true, timestamp, batch });
  const trials = [await open(loaded[0]), await open(loaded[1])] as const;
  const tally = new Tally([old.name, now.name], shown, timestamp);
  const sample = new Sample();
  for await (const records of inputBatches(input, {
    batchRecordsMax: options.batchRecordsMax,
    recordsMax: options.recordsMax,
  })) {
    if (stop.aborted) break;
    tally.add(records, trials[0].run(records), trials[1].run(records));
    if (options.time !== undefined) sample.add(records);
    onProgress?.(tally.records);
  }
  if (tally.records === 0 && !stop.aborted) {
    throw new MillraceError("file.empty", "there is no record to compare with", {
      where: input.from === "generator" ? undefined : { file: input.path },
      hint: "give a file with records, or make some up with --generate",
    });
  }
  const notes = [...tally.notes];
  let time: DiffTime | undefined;
  if (options.time !== undefined && !stop.aborted) {
    try {
      time = await timeOf(old, now, sample.records, { ...options.time, signal: stop });
    } catch (error) {
      // What differs about the records is known by now, and is worth telling.
      if (!MillraceError.is(error)) throw error;
      notes.push(`time was not measured: ${error.message}`);
    }
  }
  return {
    old: await about(loaded[0]),
    new: await about(loaded[1]),
    ...tally.result(),
    time: time ?? null,
    stopped: stop.aborted,
    notes,
  };
}

async function about({ name, file, module, parameters }: LoadedContender): Promise<ComparedModule> {
  const { abi } = module;
  const sha256 = await module.sha256();
  return { name, file, sha256, abi: abi.name, kind: abi.kind, parameters: Object.fromEntries(parameters) };
}
