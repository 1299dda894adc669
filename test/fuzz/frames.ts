import { isDeepStrictEqual } from "node:util";
import {
  absent,
  Batch,
  encodeBatch,
  encodedBytesMax,
  type Frame,
  FrameBuffer,
  FrameBuilder,
  openFrame,
  type RecordInput,
  word,
} from "../../src/record/index.ts";
import { keepOnly } from "../record/keep-only.ts";
import type { Dice } from "../support/dice.ts";
import { type PlainRecord, plainRecords } from "../support/records.ts";
import { anyField, damage } from "./mutations.ts";
import { mustHold } from "./target.ts";

const builderBuffer = new FrameBuffer(0);
const encoded = new FrameBuffer(0);

/** A frame of made-up records, as bytes of its own. */
export function anyFrame(dice: Dice, base: { readonly offset?: number } = {}): Uint8Array<ArrayBuffer> {
  const has = { keys: dice.oneIn(2), timestamps: dice.oneIn(2), headers: dice.oneIn(2) };
  const records = Array.from({ length: dice.below(6) }, (): RecordInput => {
    const headers = Array.from({ length: dice.below(3) }, () => ({
      name: dice.pick(["", "h", "name"]),
      value: dice.bytes(dice.below(6)),
    }));
    return {
      value: dice.bytes(dice.below(20)),
      key: has.keys && dice.oneIn(2) ? dice.bytes(dice.below(6)) : undefined,
      timestamp: has.timestamps && dice.oneIn(2) ? dice.below(2 ** 31) * 4096 : undefined,
      headers: has.headers ? headers : undefined,
    };
  });
  builderBuffer.reset();
  const builder = new FrameBuilder(builderBuffer);
  for (const record of records) builder.add(record);
  return new Uint8Array(builder.finish(base).bytes);
}

/** Changes a field of the header, a span of a column, or any byte of a frame. */
export function damageFrame(bytes: Uint8Array<ArrayBuffer>, dice: Dice): Uint8Array<ArrayBuffer> {
  if (bytes.length < 64 || dice.oneIn(5)) return damage(bytes, dice);
  const changed = bytes.slice();
  const words = new Uint32Array(changed.buffer, 0, changed.length >> 2);
  const field = dice.pick(Object.values(word));
  const isSpan = dice.oneIn(2) && field >= word.valuesAt && field <= word.headersAt;
  const column = isSpan ? (words[field] as number) >> 2 : 0;
  const at = column > 0 && column < words.length ? column + dice.below(4) : field;
  if (at < words.length) words[at] = anyField(dice, words[at] as number);
  return changed;
}

/** Bytes at a multiple of 8 of a buffer of their own, as `openFrame` needs them. */
export function aligned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** Holds that all of a frame can be read, and survives being gathered into another one. */
export function checkFrame(frame: Frame, batch: Batch): void {
  for (const [column, none] of [[frame.values], [frame.keys, absent], [frame.headers, 0]] as const) {
    let end = 0;
    for (let i = 0; column !== undefined && i < column.length; i += 2) {
      const [at, length] = [column[i] as number, column[i + 1] as number];
      if (length === none) continue;
      mustHold(
        at >= end && at + length <= frame.bytes.length,
        `record ${i / 2} shares bytes with the one before`,
      );
      end = at + length;
    }
  }
  const { headers = new Uint32Array(0) } = frame;
  for (let i = 0; i < headers.length; i += 2) {
    const [at, length] = [headers[i] as number, headers[i + 1] as number];
    if (length > 0) checkHeaderBlock(frame.bytes.slice(at, at + length));
  }
  batch.load(frame);
  checkBatch(batch);
}

/** Holds that a block ends where the last of its headers does. */
function checkHeaderBlock(block: Uint8Array<ArrayBuffer>): void {
  const view = new DataView(block.buffer);
  let end = 4;
  for (let left = view.getUint32(0, true); left > 0; left--) {
    mustHold(end + 8 <= block.length, "a header block ends in a header");
    end += 8 + view.getUint32(end, true) + view.getUint32(end + 4, true);
  }
  mustHold(end === block.length, `a header block of ${block.length} bytes has headers of ${end}`);
}

/** Holds that the records in play lie inside of the batch, and are the same once they are encoded. */
export function checkBatch(batch: Batch): void {
  const records = plainRecords(batch);
  const { used } = batch.buffer;
  for (const record of batch) {
    for (const part of [record.value, record.key ?? record.value]) {
      mustHold(part.byteOffset + part.length <= used, "a record reaches beyond what is in use");
    }
  }
  keepOnly(batch, [...records.keys()]);
  const options = { offsets: true };
  const most = encodedBytesMax(batch, options);
  encoded.reset();
  const at = encoded.reserve(most);
  const byteCount = encodeBatch(batch, { bytes: encoded.bytes, words: encoded.words, at }, options);
  mustHold(byteCount <= most, `${byteCount} bytes were written, and ${most} were foreseen`);
  const again = new Uint8Array(encoded.bytes.subarray(at, at + byteCount));
  mustHold(areSame(recordsOf(openFrame(again)), records), "records change when they are encoded");
}

/** As `isDeepStrictEqual`, in a time that large records can be compared in. */
export function areSame(left: readonly PlainRecord[], right: readonly PlainRecord[]): boolean {
  const areSameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
    a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;
  return (
    left.length === right.length &&
    left.every((record, i) => {
      const other = right[i] as PlainRecord;
      return (
        areSameBytes(record.value, other.value) &&
        areSameBytes(record.key, other.key) &&
        record.timestamp === other.timestamp &&
        isDeepStrictEqual(record.headers, other.headers)
      );
    })
  );
}

const reader = new Batch(new FrameBuffer(0));

export function recordsOf(frame: Frame): readonly PlainRecord[] {
  return plainRecords(reader.load(frame));
}
