import fc from "fast-check";
import { expect, test } from "vitest";
import { Batch, FrameBuffer, frameOf, type RecordInput } from "../../src/record/index.ts";
import { cutFrame, encodeFrame, openStoredFrame, stampFrame } from "../../src/topic/stored-frame.ts";
import { codeOf } from "../conformance/topic.ts";

const bytes = fc.uint8Array({ maxLength: 12 });
const header = fc.record({ name: fc.string({ maxLength: 5 }), value: bytes });
const record: fc.Arbitrary<RecordInput> = fc.record(
  {
    value: bytes,
    key: bytes,
    timestamp: fc.integer({ min: 0, max: 2 ** 52 }),
    headers: fc.array(header, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ["value"] },
);
const records = fc.array(record, { minLength: 1, maxLength: 12 });
const firstOffset = fc.integer({ min: 0, max: 2 ** 52 });

/** A buffer with the stored form of records. */
function stored(inputs: readonly RecordInput[], offset: number): FrameBuffer {
  const buffer = new FrameBuffer();
  const frame = encodeFrame(Batch.of(frameOf(inputs)), buffer);
  stampFrame(frame, buffer.words, { offset, timestamp: 99 });
  buffer.used = frame.length;
  return buffer;
}

function placeOf(first: number, count: number) {
  return { topic: "t", first, next: first + count, following: () => first + count };
}

test("a stored frame, cut anywhere, holds the rest of its records with their offsets", () => {
  fc.assert(
    fc.property(records, firstOffset, fc.nat(), (inputs, offset, cutAnywhere) => {
      const cut = cutAnywhere % inputs.length;
      const hasTimes = inputs.some(({ timestamp }) => timestamp !== undefined);
      const buffer = stored(inputs, offset);
      const frame = cutFrame(buffer, openStoredFrame(buffer, placeOf(offset, inputs.length)), cut);
      const batch = new Batch(buffer).start(frame);
      expect(
        [...batch].map(({ offset, value, key, timestamp, headers }) => ({
          offset,
          value,
          key,
          timestamp,
          headers,
        })),
      ).toEqual(
        inputs.slice(cut).map(({ value, key, timestamp, headers = [] }, index) => ({
          offset: offset + cut + index,
          value,
          key,
          timestamp: hasTimes ? timestamp : 99,
          headers,
        })),
      );
    }),
  );
});

test("a stamp may be given again, with another offset and the time of the first", () => {
  const buffer = stored([{ value: "a" }], 5);
  const frame = buffer.bytes.subarray(0, buffer.used);
  stampFrame(frame, buffer.words, { offset: 6, timestamp: 100 });
  expect(openStoredFrame(buffer, placeOf(6, 1))).toMatchObject({ baseOffset: 6, baseTimestamp: 99 });
});

test("any change of any bit of a stored frame is noticed", async () => {
  await fc.assert(
    fc.asyncProperty(records, firstOffset, fc.nat(), async (inputs, offset, anywhere) => {
      const buffer = stored(inputs, offset);
      const bit = anywhere % (buffer.used * 8);
      const at = bit >> 3;
      buffer.bytes[at] = (buffer.bytes[at] ?? 0) ^ (1 << (bit & 7));
      expect(await codeOf(() => openStoredFrame(buffer, placeOf(offset, inputs.length)))).toBe(
        "topic.corrupt",
      );
    }),
  );
});

test("bytes that are no frame are noticed, even with a right checksum", async () => {
  const buffer = stored([{ value: "a" }], 0);
  buffer.words[4] = 4;
  stampFrame(buffer.bytes.subarray(0, buffer.used), buffer.words, { offset: 0, timestamp: 0 });
  expect(await codeOf(() => openStoredFrame(buffer, placeOf(0, 1)))).toBe("topic.corrupt");
});
