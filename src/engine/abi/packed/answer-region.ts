import type { Expansion } from "../../answer/answer.ts";

/*
 * The answer region
 *   verdicts    recordRoom bytes
 *   values, keys, timestamps, headers    columnRoom x 8 bytes each
 *   sources     columnRoom x 4 bytes     array-map
 *   changes     columnRoom bytes         array-map
 */
export const verdictBytes = 1;
export const columnBytes = 4 * 8;
export const emittedBytes = columnBytes + 4 + 1;

interface Places {
  readonly at: number;
  /** Records that there are verdicts for, and records that there are columns for: multiples of 8. */
  readonly recordRoom: number;
  readonly columnRoom: number;
}

/**
 * What stands in an answer region of the records from `first` up to `end`.
 * @param emitted records that an array-map emitted for them; undefined for other kinds
 */
export function answerIn(
  memory: Uint8Array,
  { at, recordRoom, columnRoom }: Places,
  first: number,
  end: number,
  emitted: number | undefined,
): Expansion {
  const columns = at + recordRoom * verdictBytes;
  const length = emitted ?? end;
  const column = (index: number): Uint32Array =>
    new Uint32Array(memory.buffer, columns + columnRoom * 8 * index, length * 2);
  const emittedAt = columns + columnRoom * columnBytes;
  const emittedCount = emitted ?? 0;
  return {
    first,
    end,
    verdicts: memory.subarray(at, at + end),
    values: column(0),
    keys: column(1),
    timestamps: column(2),
    headers: column(3),
    memory,
    emitted: emittedCount,
    sources: new Uint32Array(memory.buffer, emittedAt, emittedCount),
    changes: memory.subarray(emittedAt + columnRoom * 4, emittedAt + columnRoom * 4 + emittedCount),
  };
}
