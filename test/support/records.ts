import fc from "fast-check";
import type { Batch, Header, RecordView } from "../../src/record/index.ts";

/** A record as plain data that tests can compare; bytes that the batch does not share. */
export interface PlainRecord {
  readonly value: Uint8Array;
  readonly key: Uint8Array | undefined;
  readonly timestamp: number | undefined;
  readonly headers: readonly Header[];
}

function plainRecord(view: RecordView): PlainRecord {
  return {
    value: view.value.slice(),
    key: view.key?.slice(),
    timestamp: view.timestamp,
    headers: view.headers,
  };
}

/** The records in play of a batch. */
export function plainRecords(batch: Batch): PlainRecord[] {
  return Array.from(batch, plainRecord);
}

/** The values in play of a batch, as texts. */
export function texts(batch: Batch): string[] {
  return Array.from(batch, (record) => record.text);
}

/** Bytes with many of those that mean something to a codec. */
export const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .array(fc.constantFrom(0x0a, 0x0d, 0x00, 0xff, 0x61), { maxLength: 12 })
    .map((bytes) => Uint8Array.from(bytes)),
  fc
    .string({ unit: "grapheme", maxLength: 12 })
    .map((text) => new Uint8Array(new TextEncoder().encode(text))),
);

/** A frame has no other way to say "none" than -1, so no record of a test is from the last millisecond of 1969. */
export const anyTimestamp: fc.Arbitrary<number> = fc.oneof(
  fc.maxSafeInteger().filter((ms) => ms !== -1),
  fc.constantFrom(0, 1, -2, 2 ** 32 - 1, 2 ** 32, -(2 ** 32), -(2 ** 32) - 1, 2 ** 53 - 1, -(2 ** 53) + 1),
);

const anyHeaders: fc.Arbitrary<readonly Header[]> = fc.array(
  // Few names, so that some come twice.
  fc.record({
    name: fc.oneof(fc.constantFrom("", "a", "\ufeffb"), fc.string({ unit: "grapheme" })),
    value: anyBytes,
  }),
  { maxLength: 4 },
);

/** Some runs have records without keys, timestamps or headers at all, since their columns are left out then. */
export const anyRecords: fc.Arbitrary<readonly PlainRecord[]> = fc
  .record({ keys: fc.boolean(), timestamps: fc.boolean(), headers: fc.boolean() })
  .chain((has) =>
    fc.array(
      fc.record({
        value: anyBytes,
        key: has.keys ? fc.option(anyBytes, { nil: undefined }) : fc.constant(undefined),
        timestamp: has.timestamps ? fc.option(anyTimestamp, { nil: undefined }) : fc.constant(undefined),
        headers: has.headers ? anyHeaders : fc.constant([]),
      }),
      { maxLength: 30 },
    ),
  );
