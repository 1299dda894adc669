/*
 * Memory of the author's strings, arrays and objects is collected between records, when nothing of a record is alive any more. The
 * compiler's "minimal" runtime does this without bookkeeping while code runs, and a module that makes nothing pays one comparison.
 */

/** Garbage up to this much stays in a core's cache, and is so little that the work of collecting it is shared by many records. */
const garbageBytesMin: usize = 256 << 10;

let due: usize = garbageBytesMin;

// @ts-ignore: decorator
@inline
export function collectIfDue(): void {
  if (heapBytes() > due) collect();
}

/** Bytes in collected memory. The build lets the name stand for a count that the runtime keeps. */
// @ts-ignore: decorator
@inline
function heapBytes(): usize {
  // @ts-ignore: the name is made by the build
  return MILLRACE_HEAP_BYTES;
}

function collect(): void {
  // @ts-ignore: the runtime has it, the types leave it out
  __collect();
  // As much garbage again as is in use: the work of looking through what is in use is then in proportion to what is made.
  due = max(heapBytes() * 2, garbageBytesMin);
}
