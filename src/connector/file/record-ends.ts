const lineFeed = 10;

/**
 * The last end of a record in `(from, limit]`, or `from` where there is none.
 * @param ends where each record ends, in order; undefined where each ends with a line feed
 */
export function boundaryWithin(
  bytes: Uint8Array,
  ends: Uint32Array | undefined,
  from: number,
  limit: number,
): number {
  if (limit <= from) return from;
  if (limit >= bytes.length) return bytes.length;
  if (ends === undefined) return Math.max(from, bytes.lastIndexOf(lineFeed, limit - 1) + 1);
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ends[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? from : Math.max(from, ends[low - 1] as number);
}

/** The first end of a record behind `from`. */
export function firstBoundary(bytes: Uint8Array, ends: Uint32Array | undefined, from: number): number {
  if (ends === undefined) return bytes.indexOf(lineFeed, from) + 1;
  return ends.find((end) => end > from) ?? bytes.length;
}
