import { align8 } from "../../base/index.ts";
import { limits } from "../../limits.ts";
import { Frame } from "../frame.ts";
import type { FrameBuffer } from "../frame-buffer.ts";
import type { FrameBase } from "../frame-builder.ts";
import { writeHeader } from "../frame-writer.ts";
import { headerBytes, none, singleLineTrait, spanBytes } from "../layout.ts";
import type { JsonElements } from "./json-elements.ts";

export interface ElementsFrameOptions extends FrameBase {
  /** Index of the first element that goes into the frame. */
  readonly from?: number;
  /** Wished size of the frame's bytes; an element that is larger alone makes a frame of its own. */
  readonly bytesMax?: number;
  readonly recordsMax?: number;
  readonly recordBytesMax?: number;
}

/**
 * Makes a frame of neighbouring elements of a JSON text in an empty buffer. The text from the first element to the
 * last is moved in one piece, with the commas and blanks between them.
 *
 * @returns the frame, and the index of the first element from `from` on that is not in it: the frame was full, or the
 * element is larger than `recordBytesMax`
 */
export function frameOfJsonElements(
  buffer: FrameBuffer,
  text: Uint8Array,
  elements: JsonElements,
  options: ElementsFrameOptions = {},
): { frame: Frame; next: number } {
  const { spans } = elements;
  const from = options.from ?? 0;
  const bytesMax = options.bytesMax ?? limits.batchBytes.default;
  const recordBytesMax = options.recordBytesMax ?? limits.recordBytesMax.default;
  const last = Math.min(elements.count, from + (options.recordsMax ?? limits.batchRecordsMax.default));
  const start = from < elements.count ? (spans[from * 2] as number) : 0;
  let end = start;
  let next = from;
  while (next < last) {
    const length = spans[next * 2 + 1] as number;
    const elementEnd = (spans[next * 2] as number) + length;
    if (length > recordBytesMax || (next > from && elementEnd - start > bytesMax)) break;
    end = elementEnd;
    next++;
  }
  const count = next - from;
  const bytesLength = end - start;
  buffer.used = headerBytes + bytesLength;
  const columnAt = buffer.reserve(count * spanBytes);
  const { bytes, words } = buffer;
  bytes.set(text.subarray(start, end), headerBytes);
  const bytesEnd = headerBytes + bytesLength;
  let lineFeedAt = buffer.kernel.findLineFeed(headerBytes, bytesEnd);
  let isSingleLine = true;
  for (let i = 0; i < count; i++) {
    const at = (spans[(from + i) * 2] as number) - start + headerBytes;
    const length = spans[(from + i) * 2 + 1] as number;
    words[columnAt / 4 + i * 2] = at;
    words[columnAt / 4 + i * 2 + 1] = length;
    // Line feeds between elements do not count, and are mostly just there.
    if (lineFeedAt < at) lineFeedAt = buffer.kernel.findLineFeed(at, bytesEnd);
    if (lineFeedAt < at + length) isSingleLine = false;
  }
  const frameBytes = align8(buffer.used);
  buffer.used = frameBytes;
  writeHeader(words, 0, {
    frameBytes,
    recordCount: count,
    valuesAt: columnAt,
    bytesAt: headerBytes,
    bytesLength,
    traits: isSingleLine ? singleLineTrait : 0,
    baseOffset: options.offset ?? none,
    baseTimestamp: options.timestamp ?? none,
  });
  return { frame: new Frame(bytes.subarray(0, frameBytes)), next };
}
