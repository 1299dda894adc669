import { Batch, type Frame, FrameBuffer } from "../../record/index.ts";
import { type Became, becameOf, type StepRun, type TakenStep } from "../../run/index.ts";
import type { ShownRecord } from "./result.ts";

/** What a step made of a batch, as it was captured or as it is now. */
export interface StepOutcome {
  readonly before: Frame;
  /** Undefined where the step threw. */
  readonly after: Frame | undefined;
  /** For each record before, the first record after that was made of it, and behind the last one how many there are. */
  readonly ranges: Uint32Array;
  readonly became: Uint8Array;
  readonly failures: ReadonlyMap<number, string>;
  readonly threw: string | undefined;
}

export function capturedOutcome(run: StepRun, frames: readonly Frame[]): StepOutcome {
  const before = frames[run.before] as Frame;
  const after = run.after === null ? undefined : frames[run.after];
  const { origins } = run;
  const own = origins === null ? undefined : new Uint32Array(origins.slice().buffer);
  return {
    before,
    after,
    ranges: rangesOf(before.recordCount, after?.recordCount ?? 0, own),
    became: run.became,
    failures: new Map(run.failures.map(({ record, code, message }) => [record, `${code}: ${message}`])),
    threw: run.threw === null ? undefined : `${run.threw.code}: ${run.threw.message}`,
  };
}

export function takenOutcome({ before, after, origins, became, failures, threw }: TakenStep): StepOutcome {
  return {
    before,
    after,
    ranges: rangesOf(before.recordCount, after?.recordCount ?? 0, origins),
    became,
    failures: new Map(failures.map(({ record, code, message }) => [record, `${code}: ${message}`])),
    threw: threw === undefined ? undefined : `${threw.code}: ${threw.message}`,
  };
}

/** @param origins never decreasing; undefined: each record is at its own place */
function rangesOf(beforeCount: number, afterCount: number, origins: Uint32Array | undefined): Uint32Array {
  const ranges = new Uint32Array(beforeCount + 1);
  let next = 0;
  for (let record = 0; record < beforeCount; record++) {
    ranges[record] = next;
    while (next < afterCount && (origins?.[next] ?? next) <= record) next++;
  }
  ranges[beforeCount] = next;
  return ranges;
}

/** What became of a record; one that the step never got to has no fate. */
export function fateOf({ became }: StepOutcome, record: number): Became | undefined {
  return becameOf(became[record]);
}

const shown = new Batch(new FrameBuffer(0));

/** Records of a frame, with bytes of their own. */
export function shownRecords(frame: Frame, from = 0, to = frame.recordCount): readonly ShownRecord[] {
  const batch = shown.load(frame);
  const records: ShownRecord[] = [];
  for (let i = from; i < to; i++) {
    const { value, key, timestamp, headers } = batch.at(i);
    records.push({
      value: value.slice(),
      key: key?.slice(),
      timestamp,
      headers: headers.map(
        ({ name, value: header }) => [name, new TextDecoder().decode(header.slice())] as const,
      ),
    });
  }
  batch.release();
  return records;
}
