import type { PartOfRecord } from "../../engine/index.ts";

/*
 * What a guest thread has in hand, in memory that the thread of the pipeline sees too: it can be read while a module spins, and
 * after the thread was ended.
 *
 *   cell   0          1       2       3         4       5
 *        +----------+-------+-------+---------+-------+-------+
 *        | changes  | work  | step  | origin  | part  | since |
 *        +----------+-------+-------+---------+-------+-------+
 *
 * changes  counts what is written: odd while the other cells are being written, and another number after each time
 * work     number of the request; 0 while the steps are opened, -1 while there is nothing to do
 * step     index of the step that works
 * origin   index in the frame of the record that is in hand, and which part of it; -1 where that is not told
 * since    when this was written, in milliseconds, the lowest 32 bits of them
 */
const cell = { changes: 0, work: 1, step: 2, origin: 3, part: 4, since: 5 } as const;

export const opening = 0;
const idle = -1;

/** What was in hand at some moment. */
export interface InHand {
  /** Another number than that of any other moment. */
  readonly moment: number;
  /** Number of the request, or `opening`. */
  readonly work: number;
  readonly step: number;
  /** Undefined where several records are in hand together, or none. */
  readonly record: PartOfRecord | undefined;
  /** For how long it has been. */
  readonly forMs: number;
}

/** The cells, as both threads have them. */
export class Progress {
  readonly cells: Int32Array;

  constructor(cells: Int32Array = new Int32Array(new SharedArrayBuffer(Object.keys(cell).length * 4))) {
    this.cells = cells;
  }

  /** Says what is in hand from now on. */
  begin(work: number, step: number, record?: PartOfRecord): void {
    const { cells } = this;
    Atomics.add(cells, cell.changes, 1);
    Atomics.store(cells, cell.work, work);
    Atomics.store(cells, cell.step, step);
    Atomics.store(cells, cell.origin, record?.origin ?? -1);
    Atomics.store(cells, cell.part, record?.part ?? 0);
    Atomics.store(cells, cell.since, nowMs());
    Atomics.add(cells, cell.changes, 1);
  }

  end(): void {
    this.begin(idle, 0);
  }

  /** What is in hand; undefined when there is nothing to do, or when it changes at this moment. */
  read(): InHand | undefined {
    const { cells } = this;
    const moment = Atomics.load(cells, cell.changes);
    const work = Atomics.load(cells, cell.work);
    const step = Atomics.load(cells, cell.step);
    const origin = Atomics.load(cells, cell.origin);
    const part = Atomics.load(cells, cell.part);
    const forMs = (nowMs() - Atomics.load(cells, cell.since)) | 0;
    const isWhole = moment % 2 === 0 && moment === Atomics.load(cells, cell.changes);
    // Nothing was ever written before the first moment.
    if (!isWhole || moment === 0 || work === idle) return undefined;
    return { moment, work, step, record: origin < 0 ? undefined : { origin, part }, forMs };
  }
}

/** Of a clock that all threads of a process share, which `performance.now` is not. */
function nowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return (seconds * 1000 + Math.floor(nanoseconds / 1_000_000)) | 0;
}
