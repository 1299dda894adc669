import { crc32 } from "node:zlib";
import { corrupt } from "./failures.ts";
import type { AccumulatorOwner, SourcePosition } from "./topic.ts";

/*
 * A stored accumulator: CRC-32 of what follows, u32 | bytes.
 */

const checksumBytes = 4;

/** The key of an accumulator: kind of owner, the owner's name, the step's. */
export type AccumulatorKey = [kind: string, owner: string, step: string];

export function accumulatorKey(owner: AccumulatorOwner, step: string): AccumulatorKey {
  return "pipeline" in owner ? ["pipeline", owner.pipeline, step] : ["consumer", owner.consumer, step];
}

/** Whose accumulators are stored with a source's position. */
export function accumulatorOwner({ pipeline, accumulatorsOf = pipeline }: SourcePosition): AccumulatorOwner {
  return { pipeline: accumulatorsOf };
}

export function encodeAccumulator(bytes: Uint8Array): Uint8Array {
  const stored = new Uint8Array(checksumBytes + bytes.length);
  stored.set(bytes, checksumBytes);
  new DataView(stored.buffer).setUint32(0, crc32(bytes), true);
  return stored;
}

/** @throws MillraceError `topic.corrupt` when it is not what was stored */
export function decodeAccumulator(stored: Uint8Array, topic: string, step: string): Uint8Array {
  // A copy, also of a Buffer, whose own `slice` makes none.
  const bytes = new Uint8Array(stored.subarray(checksumBytes));
  const isWhole = stored.length >= checksumBytes;
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  if (isWhole && view.getUint32(0, true) === crc32(bytes)) return bytes;
  throw corrupt(topic, undefined, `the accumulator of the step ${step} does not match its checksum`);
}
