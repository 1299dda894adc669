import { limits } from "../../limits.ts";
import type { FrameBuffer } from "../frame-buffer.ts";
import { none } from "../layout.ts";
import type { Decoded, DecodeFailure, DecodeOptions, Decoder } from "./decoder.ts";
import { frameOfLines, linesAt } from "./lines.ts";

const lineFeed = 10;
const carriageReturn = 13;
const lineBytesMax = limits.recordBytesMax.default;
/** Room behind the largest line for its end, `\r\n`. */
const lineEndBytes = 2;

/** Takes out lines, as `frameOfLines` does, where bytes come in parts. */
export class LinesDecoder implements Decoder {
  readonly counts = "lines";
  readonly state = undefined;
  readonly heldBytesMax = lineBytesMax + lineEndBytes;
  /** Bytes of the first line that were searched for its end. */
  #scanned = 0;
  /** The first bytes of a line that is passed over, since it is too large to be held; undefined at all other times. */
  #passed: Uint8Array | undefined;

  hasRecord(buffer: FrameBuffer, end: number): boolean {
    if (this.#passed !== undefined) return end > linesAt;
    const found = buffer.kernel.findLineFeed(linesAt + this.#scanned, end);
    this.#scanned = found - linesAt;
    return found < end || end - linesAt >= this.heldBytesMax;
  }

  decode(buffer: FrameBuffer, end: number, options: DecodeOptions = {}): Decoded {
    this.#scanned = 0;
    const { bytes, kernel } = buffer;
    const offset = options.offset ?? 0;
    const firstEnd = end === linesAt ? end : kernel.findLineFeed(linesAt, end);
    const hasReturn = firstEnd > linesAt && bytes[firstEnd - 1] === carriageReturn;
    const isTooLarge = firstEnd - linesAt - (hasReturn ? 1 : 0) > lineBytesMax;
    if (this.#passed === undefined && !isTooLarge) return this.#takeAll(buffer, end, options);
    this.#passed ??= bytes.slice(linesAt, linesAt + limits.sampleBytesMax.default);
    const next = Math.min(firstEnd + 1, end);
    options.rest?.keep(bytes, next, end);
    const isWhole = firstEnd < end || options.isLast === true;
    const failures: DecodeFailure[] = [];
    if (isWhole) {
      failures.push({ offset, code: "record.too-large", message: tooLongText, sample: this.#passed });
      this.#passed = undefined;
    }
    const nextOffset = offset + (isWhole ? 1 : 0);
    const { frame } = frameOfLines(buffer, linesAt, {
      offset: nextOffset,
      timestamp: options.timestamp ?? none,
    });
    return { frame, next, nextOffset, failures };
  }

  #takeAll(buffer: FrameBuffer, end: number, options: DecodeOptions): Decoded {
    const lastEnd = linesAt + buffer.bytes.subarray(linesAt, end).lastIndexOf(lineFeed) + 1;
    const offset = options.offset ?? 0;
    const { frame, next } = frameOfLines(buffer, options.isLast === true ? end : lastEnd, {
      ...options,
      offset,
      readEnd: end,
    });
    return { frame, next, nextOffset: offset + frame.recordCount, failures: [] };
  }
}

const tooLongText = `the line has more than ${lineBytesMax} bytes, the limit for one record`;
