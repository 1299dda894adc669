/** Smaller columns are not worth being made again when a batch has a few records more. */
const roomMin = 512;
/** From so many records on, moving them at once takes less time than making the views that it needs. */
const movedAtOnceMin = 32;

/**
 * Columns of records in play, in the form of a frame's columns; positions count from the start of the batch's bytes.
 */
export interface Columns {
  /** Index of each record in the frame; undefined: record i is record i of the frame. */
  origins: Uint32Array | undefined;
  values: Uint32Array;
  keys: Uint32Array | undefined;
  timestamps: Uint32Array | undefined;
  headers: Uint32Array | undefined;
}

/**
 * Copies records `first` up to `end` to record `index`, and behind it, of other columns, which have the same ones. They may be
 * the same arrays.
 */
export function copyRecords(
  from: Readonly<Columns>,
  first: number,
  end: number,
  to: Columns,
  index: number,
): void {
  const { origins, values } = from;
  const nextOrigins = to.origins as Uint32Array;
  const nextValues = to.values;
  if (end - first >= movedAtOnceMin) {
    if (origins === undefined) for (let i = first; i < end; i++) nextOrigins[index + i - first] = i;
    else nextOrigins.set(origins.subarray(first, end), index);
    for (const name of ["values", "keys", "timestamps", "headers"] as const) {
      const column = from[name];
      if (column !== undefined) to[name]?.set(column.subarray(first * 2, end * 2), index * 2);
    }
    return;
  }
  const more = from.keys !== undefined || from.timestamps !== undefined || from.headers !== undefined;
  for (let i = first; i < end; i++) {
    const at = index + i - first;
    nextOrigins[at] = origins === undefined ? i : (origins[i] as number);
    nextValues[at * 2] = values[i * 2] as number;
    nextValues[at * 2 + 1] = values[i * 2 + 1] as number;
    if (more) copyOptionalColumns(from, i, to, at);
  }
}

/** Copies what record `i` has beside its value to record `index` of other columns, which have the same ones. */
export function copyOptionalColumns(from: Readonly<Columns>, i: number, to: Columns, index: number): void {
  if (from.keys !== undefined) copyPair(from.keys, i, to.keys as Uint32Array, index);
  if (from.timestamps !== undefined) copyPair(from.timestamps, i, to.timestamps as Uint32Array, index);
  if (from.headers !== undefined) copyPair(from.headers, i, to.headers as Uint32Array, index);
}

function copyPair(from: Uint32Array, i: number, to: Uint32Array, index: number): void {
  to[index * 2] = from[i * 2] as number;
  to[index * 2 + 1] = from[i * 2 + 1] as number;
}

/**
 * Columns with room for so many records, at the least; those beside the values are made when they are needed.
 * @param shared lets other threads see them without a copy
 */
export function columnsOf(recordCount: number, shared: boolean): Columns {
  const room = Math.max(recordCount, roomMin);
  return {
    origins: wordsOf(room, shared),
    values: wordsOf(room * 2, shared),
    keys: undefined,
    timestamps: undefined,
    headers: undefined,
  };
}

export function wordsOf(length: number, shared: boolean): Uint32Array {
  return shared ? new Uint32Array(new SharedArrayBuffer(length * 4)) : new Uint32Array(length);
}

/** Copies the first records to other columns, which have the same ones and more room. */
export function copyColumns(from: Readonly<Columns>, count: number, to: Columns): void {
  if (from.origins !== undefined) to.origins?.set(from.origins.subarray(0, count));
  to.values.set(from.values.subarray(0, count * 2));
  for (const name of ["keys", "timestamps", "headers"] as const) {
    const column = from[name];
    if (column !== undefined) to[name]?.set(column.subarray(0, count * 2));
  }
}
