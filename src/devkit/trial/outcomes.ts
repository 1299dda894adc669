import type { Transform } from "../../engine/index.ts";
import type { Batch, Header, RecordView } from "../../record/index.ts";
import type { TrialFailure, TrialOutcome, TrialRecord } from "./result.ts";

/** Follows the records of one batch from step to step, to tell what became of each. */
export class BatchOutcomes {
  readonly #batch: Batch;
  readonly #input: readonly TrialRecord[];
  readonly #droppedBy: (number | undefined)[];
  readonly #failures: TrialFailure[][];
  #inPlay: ReadonlySet<number>;
  #expands = false;

  /** @param batch with nothing done to it */
  constructor(batch: Batch) {
    this.#batch = batch;
    this.#input = Array.from(batch, recordOf);
    this.#droppedBy = new Array(batch.count);
    this.#failures = Array.from({ length: batch.count }, () => []);
    this.#inPlay = originsInPlay(batch);
  }

  /** Runs a step. @throws MillraceError as `Transform.process` */
  run(index: number, transform: Transform): void {
    const batch = this.#batch;
    const failuresBefore = batch.failures.length;
    transform.process(batch);
    if (transform.kind === "array-map") this.#expands = true;
    for (const { origin, by, code, message } of batch.failures.slice(failuresBefore)) {
      this.#failures[origin]?.push({ step: index, module: by, code, message });
    }
    const left = originsInPlay(batch);
    for (const origin of this.#inPlay) {
      if (!left.has(origin) && this.#failures[origin]?.length === 0) this.#droppedBy[origin] = index;
    }
    this.#inPlay = left;
  }

  /**
   * What became of the records.
   * @param isThrough false when a step has thrown: what was in play then is unsettled
   */
  take(isThrough: boolean): TrialOutcome[] {
    const output: TrialRecord[][] = this.#input.map(() => []);
    if (isThrough) {
      for (let i = 0; i < this.#batch.count; i++) {
        output[this.#batch.originOf(i)]?.push(recordOf(this.#batch.at(i)));
      }
    }
    return this.#input.map((record, index) => this.#outcomeOf(index, record, output[index] ?? []));
  }

  #outcomeOf(index: number, record: TrialRecord, output: readonly TrialRecord[]): TrialOutcome {
    const failures = this.#failures[index] ?? [];
    const droppedBy = this.#droppedBy[index];
    const common = { output, failures, droppedBy };
    if (failures.length > 0) return { ...common, fate: "failed" };
    if (droppedBy !== undefined) return { ...common, fate: "dropped" };
    const [only, ...others] = output;
    if (only === undefined) return { ...common, fate: "unsettled" };
    if (others.length === 0 && isSameRecord(record, only)) return { ...common, fate: "kept" };
    return { ...common, fate: this.#expands ? "expanded" : "replaced" };
  }
}

/** Outcomes of records that no step has seen. */
export function unsettled(recordCount: number): TrialOutcome[] {
  return Array.from({ length: recordCount }, () => ({
    fate: "unsettled",
    output: [],
    droppedBy: undefined,
    failures: [],
  }));
}

/** Indexes in the frame of the records in play. */
function originsInPlay(batch: Batch): Set<number> {
  const origins = new Set<number>();
  for (let i = 0; i < batch.count; i++) origins.add(batch.originOf(i));
  return origins;
}

function recordOf(view: RecordView): TrialRecord {
  const { value, key, timestamp, headers } = view;
  return { value: value.slice(), key: key?.slice(), timestamp, headers };
}

/** Whether two records are the same in all that they hold. */
export function isSameRecord(left: TrialRecord, right: TrialRecord): boolean {
  return (
    isSameBytes(left.value, right.value) &&
    isSameBytes(left.key, right.key) &&
    left.timestamp === right.timestamp &&
    left.headers.length === right.headers.length &&
    left.headers.every((header, index) => isSameHeader(header, right.headers[index]))
  );
}

function isSameHeader(left: Header, right: Header | undefined): boolean {
  return left.name === right?.name && isSameBytes(left.value, right.value);
}

/** Absent and empty bytes are different. */
function isSameBytes(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
