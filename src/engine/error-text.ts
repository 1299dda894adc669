import { textOf } from "../base/index.ts";
import { limits } from "../limits.ts";

/** The longest character of UTF-8 takes four bytes, so three are the most that a cut can leave of one. */
const cutBytesMax = 3;

/**
 * An error text of a module, of which nothing has been checked: cut to what people need, between two characters; empty
 * when it lies outside of memory.
 */
export function errorTextOf(memory: Uint8Array, at: number, byteCount: number): string {
  const bytesMax = limits.recordErrorBytesMax.default;
  let end = at + Math.min(byteCount, bytesMax);
  if (end > memory.length) return "";
  if (byteCount > bytesMax) {
    for (let cut = 0; cut < cutBytesMax && isContinuation(memory[end]); cut++) end--;
  }
  return textOf(memory.subarray(at, end));
}

/** True for a byte of UTF-8 that is not the first of its character. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
