import type { StateLoss, Transform, TransformCounts, TransformKind } from "../../engine/index.ts";
import { absent, type Batch, type Frame, type RecordFailure } from "../../record/index.ts";
import { frameOfBatch } from "./frame-edit.ts";
import type { Stepper } from "./stepper.ts";
import type { TakenStep } from "./taken.ts";

/** What the captured steps of a batch have in common. */
export interface Taking {
  readonly stepper: Stepper;
  /** The batch as it came. */
  readonly first: Frame;
  /** As the step before has left it. */
  frame: Frame;
  readonly steps: TakenStep[];
}

/** A step that notes what it does. What comes of a batch is the same. */
export class CapturedTransform implements Transform {
  readonly #inner: Transform;
  readonly #taking: () => Taking | undefined;
  readonly #onLookBack: (frame: Frame) => void;

  constructor(inner: Transform, taking: () => Taking | undefined, onLookBack: (frame: Frame) => void) {
    this.#inner = inner;
    this.#taking = taking;
    this.#onLookBack = onLookBack;
  }

  get kind(): TransformKind {
    return this.#inner.kind;
  }

  get module(): string {
    return this.#inner.module;
  }

  get stateful(): boolean {
    return this.#inner.stateful;
  }

  get looksBack(): boolean {
    return this.#inner.looksBack;
  }

  get stateLoss(): StateLoss {
    return this.#inner.stateLoss;
  }

  get counts(): Readonly<TransformCounts> {
    return this.#inner.counts;
  }

  get memoryBytes(): number {
    return this.#inner.memoryBytes;
  }

  accumulator(): Uint8Array | undefined {
    return this.#inner.accumulator();
  }

  lookBack(batch: Batch): void {
    if (this.looksBack && batch.count > 0) this.#onLookBack(frameOfBatch(batch));
    this.#inner.lookBack(batch);
  }

  process(batch: Batch): void {
    const taking = this.#taking();
    if (taking === undefined) {
      this.#inner.process(batch);
      return;
    }
    const taken = taking.stepper.run(this.#inner, taking.frame);
    taking.steps.push(taken);
    if (taken.threw !== undefined) throw taken.threw;
    taking.frame = taken.after ?? taking.frame;
    giveBack(batch, taken, this.module);
  }
}

/** Puts what a step made of a copy into the batch that it is a copy of. */
function giveBack(batch: Batch, { before, after, origins, failures }: TakenStep, by: string): void {
  if (after === undefined || (after === before && failures.length === 0)) return;
  const originOf = (record: number): number => batch.originOf(record);
  const failed = failures.map(
    ({ record, code, message }): RecordFailure => ({ origin: originOf(record), by, code, message }),
  );
  const { recordCount } = after;
  const newOrigins = Uint32Array.from({ length: recordCount }, (_, i) => originOf(origins?.[i] ?? i));
  const at = batch.buffer.reserve(after.bytes.length);
  batch.buffer.bytes.set(after.bytes, at);
  const state = batch.state();
  batch.resume({
    ...state,
    count: recordCount,
    columns: {
      origins: newOrigins,
      values: moved(after.values, at),
      keys: after.keys === undefined ? undefined : moved(after.keys, at),
      timestamps: after.timestamps?.slice(),
      headers: after.headers === undefined ? undefined : moved(after.headers, at),
    },
    failures: [...state.failures, ...failed],
  });
}

/** Spans that count from another place. */
function moved(spans: Uint32Array, by: number): Uint32Array {
  const column = spans.slice();
  for (let i = 0; i < column.length; i += 2) {
    if (column[i + 1] !== absent) column[i] = (column[i] as number) + by;
  }
  return column;
}
