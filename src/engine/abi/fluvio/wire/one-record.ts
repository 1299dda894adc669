import { absent, type Batch, none, readInt64 } from "../../../../record/index.ts";
import { varintBytes, writeVarint } from "./varint.ts";

/** Attributes, a mark for the key, a header count. */
const fixedBytes = 3;

/** Fewer bytes than this are sooner moved one by one. */
const movedMin = 32;

/** A record that is written on its own, straight from where its key and value are. The same object serves for all of them. */
export class OneRecord {
  keyAt = 0;
  keyLength: number = absent;
  valueAt = 0;
  valueLength = 0;
  timestampDelta = 0;
  offsetDelta = 0;
  /** Bytes behind its length. */
  length = 0;

  /** Notes what there is to write, and gives its size with the length ahead of it. */
  measure({ columns }: Batch, i: number, baseTimestamp: number, offsetDelta: number): number {
    const { values, keys, timestamps } = columns;
    const timestamp = timestamps === undefined ? none : readInt64(timestamps, i * 2);
    this.timestampDelta = timestamp === none ? 0 : timestamp - baseTimestamp;
    this.offsetDelta = offsetDelta;
    this.valueAt = values[i * 2] as number;
    this.valueLength = values[i * 2 + 1] as number;
    this.keyAt = keys === undefined ? 0 : (keys[i * 2] as number);
    this.keyLength = keys === undefined ? absent : (keys[i * 2 + 1] as number);
    let length =
      fixedBytes +
      varintBytes(this.timestampDelta) +
      varintBytes(offsetDelta) +
      varintBytes(this.valueLength) +
      this.valueLength;
    if (this.keyLength !== absent) length += varintBytes(this.keyLength) + this.keyLength;
    this.length = length;
    return varintBytes(length) + length;
  }

  /** Writes it, and returns where the next one goes. */
  write(bytes: Uint8Array, target: Uint8Array, at: number): number {
    let next = writeVarint(target, at, this.length);
    target[next++] = 0;
    next = writeVarint(target, next, this.timestampDelta);
    next = writeVarint(target, next, this.offsetDelta);
    if (this.keyLength === absent) target[next++] = 0;
    else {
      target[next++] = 1;
      next = writeData(bytes, this.keyAt, this.keyLength, target, next);
    }
    next = writeData(bytes, this.valueAt, this.valueLength, target, next);
    target[next] = 0;
    return next + 1;
  }
}

function writeData(bytes: Uint8Array, from: number, length: number, target: Uint8Array, at: number): number {
  const next = writeVarint(target, at, length);
  if (length >= movedMin) target.set(bytes.subarray(from, from + length), next);
  else for (let i = 0; i < length; i++) target[next + i] = bytes[from + i] as number;
  return next + length;
}
