import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { type Batch, FrameBuilder, frameOfLines, linesAt } from "../../record/index.ts";
import type { Input } from "../input/index.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const recordBytesMax = limits.recordBytesMax.default;

/** How records are made of what is given. */
export type Shape =
  | { readonly kind: "raw"; readonly key: string | undefined }
  | { readonly kind: "lines"; readonly key: string | undefined }
  | { readonly kind: "keyed-lines"; readonly separator: string };

/**
 * Fills the batch with the records of an input, some at a time, until it ends or it is time to stop. Holds no more than
 * a batch and one record.
 *
 * @returns true when a line was begun and not ended when it was time to stop
 * @throws MillraceError `record.too-large`, `record.key`, `file.not-found`, `file.unreadable`
 */
export async function* producedBatches(
  input: Input,
  shape: Shape,
  batch: Batch,
  stop: AbortSignal,
): AsyncGenerator<Batch, boolean> {
  if (shape.kind === "raw") {
    const value = await wholeInput(input, stop);
    if (!stop.aborted) yield withRecords(batch, [recordOf(value, shape.key)]);
    return false;
  }
  let lines = 0;
  const blocks = wholeLines(input, () => lines, stop);
  for (;;) {
    const { value, done } = await blocks.next();
    if (done) return value;
    for (const filled of fillings(value, shape, batch, { input, line: lines })) {
      lines += filled.count;
      yield filled;
    }
  }
}

/** Blocks that hold whole lines. Returns whether a line was left because it was time to stop. */
async function* wholeLines(
  input: Input,
  linesBefore: () => number,
  stop: AbortSignal,
): AsyncGenerator<Uint8Array, boolean> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input.chunks(stop)) {
    const lastEnd = chunk.lastIndexOf(lineFeed) + 1;
    const firstEnd = lastEnd === 0 ? chunk.length : chunk.indexOf(lineFeed);
    const last = firstEnd > 0 ? chunk[firstEnd - 1] : parts.at(-1)?.at(-1);
    // A carriage return may turn out to be part of the line's end.
    const lineBytes = length + firstEnd - (last === carriageReturn ? 1 : 0);
    if (lineBytes > recordBytesMax) throw tooLarge(input, linesBefore() + 1);
    if (lastEnd > 0) {
      yield Buffer.concat([...parts, chunk.subarray(0, lastEnd)]);
      parts = [];
      length = 0;
    }
    if (lastEnd < chunk.length) {
      // A copy, since the stream may use its buffer again.
      parts.push(chunk.slice(lastEnd));
      length += chunk.length - lastEnd;
    }
  }
  if (stop.aborted) return length > 0;
  if (length > recordBytesMax) throw tooLarge(input, linesBefore() + 1);
  if (length > 0) yield Buffer.concat(parts);
  return false;
}

interface LinePlace {
  readonly input: Input;
  /** Lines before the block, or the number of a line. */
  readonly line: number;
}

function* fillings(block: Uint8Array, shape: Shape, batch: Batch, place: LinePlace): Generator<Batch> {
  if (shape.kind === "lines" && shape.key === undefined) {
    for (let at = 0; at < block.length; ) {
      const { buffer } = batch;
      const part = block.subarray(at);
      batch.release();
      buffer.used = linesAt;
      buffer.makeRoom(part.length);
      buffer.bytes.set(part, linesAt);
      const { frame, next } = frameOfLines(buffer, linesAt + part.length);
      batch.start(frame);
      at += next - linesAt;
      yield batch;
    }
    return;
  }
  const records: Produced[] = [];
  let { line } = place;
  for (const text of linesOf(block)) {
    line++;
    const record =
      shape.kind === "keyed-lines" ? keyedRecord(text, shape.separator) : recordOf(text, shape.key);
    if (record === undefined) {
      if (records.length > 0) yield withRecords(batch, records);
      throw noKey(shape, { ...place, line });
    }
    records.push(record);
    if (records.length < limits.batchRecordsMax.default) continue;
    yield withRecords(batch, records.splice(0));
  }
  if (records.length > 0) yield withRecords(batch, records);
}

interface Produced {
  readonly key?: Uint8Array | string;
  readonly value: Uint8Array;
}

function recordOf(value: Uint8Array, key: string | undefined): Produced {
  return key === undefined ? { value } : { key, value };
}

function keyedRecord(text: Uint8Array, separator: string): Produced | undefined {
  const at = Buffer.from(text.buffer, text.byteOffset, text.length).indexOf(separator);
  if (at < 0) return undefined;
  return { key: text.subarray(0, at), value: text.subarray(at + Buffer.byteLength(separator)) };
}

function noKey(shape: Shape, { input, line }: LinePlace): MillraceError {
  const separator = shape.kind === "keyed-lines" ? shape.separator : "";
  return new MillraceError("record.key", `the line has no ${JSON.stringify(separator)} that ends its key`, {
    where: { file: input.name, line },
    hint: "the lines before it are stored; give another --key-separator, or lines that have this one",
  });
}

function withRecords(batch: Batch, records: readonly Produced[]): Batch {
  batch.release();
  const builder = new FrameBuilder(batch.buffer);
  for (const record of records) builder.add(record);
  batch.start(builder.finish());
  return batch;
}

function* linesOf(block: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < block.length; ) {
    const found = block.indexOf(lineFeed, at);
    const end = found === -1 ? block.length : found;
    yield block.subarray(at, end > at && block[end - 1] === carriageReturn ? end - 1 : end);
    at = end + 1;
  }
}

async function wholeInput(input: Input, stop: AbortSignal): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input.chunks(stop)) {
    length += chunk.length;
    if (length > recordBytesMax) throw tooLarge(input, undefined);
    parts.push(chunk.slice());
  }
  return Buffer.concat(parts);
}

function tooLarge(input: Input, line: number | undefined): MillraceError {
  const what = line === undefined ? "the input" : "the line";
  return new MillraceError(
    "record.too-large",
    `${what} has more than ${recordBytesMax} bytes, the limit for one record`,
    {
      where: line === undefined ? { file: input.name } : { file: input.name, line },
      hint: line === undefined ? "without --raw, each line is a record" : "the lines before it are stored",
    },
  );
}
