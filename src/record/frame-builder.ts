import { align8, utf8 } from "../base/index.ts";
import { MillraceError } from "../errors.ts";
import { limits } from "../limits.ts";
import { Frame } from "./frame.ts";
import { FrameBuffer } from "./frame-buffer.ts";
import { writeHeader } from "./frame-writer.ts";
import { absent, headerBytes, none, readInt64, spanBytes, writeInt64 } from "./layout.ts";
import { encodeHeaders, type RecordInput } from "./record.ts";

/** What all records of a frame share. */
export interface FrameBase {
  /** Offset of the first record; the others follow one by one. */
  readonly offset?: number;
  /** Milliseconds since 1970, for records that carry no timestamp of their own. */
  readonly timestamp?: number;
}

/**
 * Builds a frame record by record: bytes are laid down as they come, columns behind them at the end.
 * For lines `frameOfLines` is faster, since it leaves the bytes where they were read.
 */
export class FrameBuilder {
  readonly #buffer: FrameBuffer;
  #count = 0;
  #values: Uint32Array = new Uint32Array(256);
  #keys: Uint32Array | undefined;
  #timestamps: Uint32Array | undefined;
  #headers: Uint32Array | undefined;

  /** @param buffer an empty buffer, which the frame will occupy from its start */
  constructor(buffer: FrameBuffer = new FrameBuffer()) {
    this.#buffer = buffer;
    buffer.used = headerBytes;
  }

  get recordCount(): number {
    return this.#count;
  }

  /** Bytes of keys, values and headers so far. */
  get byteCount(): number {
    return this.#buffer.used - headerBytes;
  }

  /**
   * Adds a record, or nothing of it when it throws.
   * @throws MillraceError `record.too-large` when its value, key or headers pass `recordBytesMax`
   * @throws MillraceError `frame.too-large` when the buffer cannot hold it
   */
  add(record: RecordInput): void {
    const index = this.#count;
    const value = partOf(record.value);
    const key = record.key === undefined ? undefined : partOf(record.key);
    const headers =
      record.headers === undefined || record.headers.length === 0
        ? undefined
        : partOf(encodeHeaders(record.headers));
    this.#buffer.makeRoom(value.length + (key?.length ?? 0) + (headers?.length ?? 0));
    this.#makeRoom(index + 1);
    if (key !== undefined) this.#keys ??= filledSpans(this.#values.length, absent);
    if (record.timestamp !== undefined) this.#timestamps ??= this.#firstTimestamps();
    if (headers !== undefined) this.#headers ??= new Uint32Array(this.#values.length);
    this.#put(this.#values, index, value);
    if (this.#keys !== undefined) {
      if (key === undefined) this.#keys[index * 2 + 1] = absent;
      else this.#put(this.#keys, index, key);
    }
    if (this.#timestamps !== undefined) writeInt64(this.#timestamps, index * 2, record.timestamp ?? none);
    if (this.#headers !== undefined && headers !== undefined) this.#put(this.#headers, index, headers);
    this.#count++;
  }

  /**
   * Ends the frame. The builder is spent; the frame lives in its buffer.
   * @throws MillraceError `frame.too-large` when bytes and columns together pass `frameBytesMax`
   */
  finish(base: FrameBase = {}): Frame {
    const buffer = this.#buffer;
    const bytesLength = this.byteCount;
    const column = (spans: Uint32Array | undefined): number => {
      if (spans === undefined) return 0;
      const at = buffer.reserve(this.#count * spanBytes);
      buffer.words.set(spans.subarray(0, this.#count * 2), at / 4);
      return at;
    };
    if (this.#timestamps !== undefined) this.#fillMissing(this.#timestamps, base.timestamp ?? none);
    const layout = {
      recordCount: this.#count,
      valuesAt: column(this.#values),
      keysAt: column(this.#keys),
      timestampsAt: column(this.#timestamps),
      headersAt: column(this.#headers),
      bytesAt: headerBytes,
      bytesLength,
      baseOffset: base.offset ?? none,
      baseTimestamp: base.timestamp ?? none,
    };
    const frameBytes = align8(buffer.used);
    buffer.reserve(0);
    writeHeader(buffer.words, 0, { ...layout, frameBytes });
    return new Frame(buffer.bytes.subarray(0, frameBytes));
  }

  #put(spans: Uint32Array, index: number, bytes: Uint8Array): void {
    const at = this.#buffer.used;
    this.#buffer.used = at + bytes.length;
    this.#buffer.bytes.set(bytes, at);
    spans[index * 2] = at;
    spans[index * 2 + 1] = bytes.length;
  }

  #makeRoom(recordCount: number): void {
    if (recordCount * 2 <= this.#values.length) return;
    const grown = (spans: Uint32Array): Uint32Array => {
      const larger = new Uint32Array(spans.length * 2);
      larger.set(spans);
      return larger;
    };
    this.#values = grown(this.#values);
    if (this.#keys !== undefined) this.#keys = grown(this.#keys);
    if (this.#timestamps !== undefined) this.#timestamps = grown(this.#timestamps);
    if (this.#headers !== undefined) this.#headers = grown(this.#headers);
  }

  #firstTimestamps(): Uint32Array {
    const column = new Uint32Array(this.#values.length);
    for (let i = 0; i < this.#count; i++) writeInt64(column, i * 2, none);
    return column;
  }

  #fillMissing(timestamps: Uint32Array, timestamp: number): void {
    for (let i = 0; i < this.#count; i++) {
      if (readInt64(timestamps, i * 2) === none) writeInt64(timestamps, i * 2, timestamp);
    }
  }
}

/** Room to begin with for a few records: the full size of a batch would cost more than building the frame. */
const fewBytes = 4096;

/** A frame of a few records, for tests, small programs and the library's callers. */
export function frameOf(records: Iterable<RecordInput | Uint8Array | string>, base?: FrameBase): Frame {
  const builder = new FrameBuilder(new FrameBuffer(fewBytes));
  for (const record of records) {
    builder.add(typeof record === "string" || record instanceof Uint8Array ? { value: record } : record);
  }
  return builder.finish(base);
}

function partOf(part: Uint8Array | string): Uint8Array {
  const bytes = typeof part === "string" ? utf8(part) : part;
  if (bytes.length <= limits.recordBytesMax.default) return bytes;
  throw new MillraceError("record.too-large", `a record has a part of ${bytes.length} bytes`, {
    hint: `the limit is ${limits.recordBytesMax.default} bytes`,
  });
}

function filledSpans(words: number, length: number): Uint32Array {
  const spans = new Uint32Array(words);
  for (let i = 1; i < words; i += 2) spans[i] = length;
  return spans;
}
