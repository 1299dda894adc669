import { limits } from "../../../limits.ts";
import { errorTextOf } from "../../error-text.ts";
import type { ModuleLogLine } from "../contract.ts";

const levels = ["error", "warn", "info", "debug"] as const;
const entryHeaderBytes = 8;

/**
 * The log lines that a module has left at a place of its memory, in the form drawn in `layout.ts`, of which nothing has
 * been checked.
 * @returns the lines, or what is wrong about them
 */
export function logLinesOf(
  memory: Uint8Array,
  at: number,
  byteCount: number,
  module: string,
): readonly ModuleLogLine[] | string {
  const bytesMax = limits.moduleLogBytesMax.default;
  if (byteCount > bytesMax) return `its log has ${byteCount} bytes, and ${bytesMax} is the limit`;
  if (at + byteCount > memory.length)
    return `its log of ${byteCount} bytes at ${at} lies outside of its memory`;
  const view = new DataView(memory.buffer, memory.byteOffset + at, byteCount);
  const lines: ModuleLogLine[] = [];
  for (let next = 0; next < byteCount; ) {
    if (next + entryHeaderBytes > byteCount) return `its log ends within a line, at byte ${next}`;
    const level = levels[view.getUint32(next, true)];
    const length = view.getUint32(next + 4, true);
    if (level === undefined) return `a line of its log has the level ${view.getUint32(next, true)}`;
    const textAt = next + entryHeaderBytes;
    if (length > byteCount - textAt) return `a line of its log has ${length} bytes, more than the log`;
    lines.push({ module, level, text: errorTextOf(memory, at + textAt, length) });
    next = textAt + Math.ceil(length / 4) * 4;
  }
  return lines;
}
