import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MillraceError } from "../../../src/errors.ts";
import { limits } from "../../../src/limits.ts";
import { frameOf } from "../../../src/record/index.ts";
import { decodeEntry, encodeEntry, entryBytesOf } from "../../../src/run/capture/entry.ts";
import type { BatchEnvelope } from "../../../src/run/capture/envelope.ts";
import { entryHeaderBytes, field, fileMark } from "../../../src/run/capture/layout.ts";
import { isPlainMessagePack } from "../../../src/run/capture/messagepack-check.ts";
import { anyRecords } from "../../support/records.ts";
import { batchOf, captureOf, head, readAll } from "./captures.ts";

const where = { file: "capture" };
const before = frameOf([{ value: "ab", key: "k", timestamp: 5 }, "cd"], { offset: 7 });
const after = frameOf(["cd"], { offset: 8 });
const end = { kind: "end", batches: 1, records: 2, full: null } as const;
const golden = captureOf([
  { envelope: head, frames: [] },
  { envelope: { kind: "look-back", step: 0 }, frames: [frameOf(["earlier"])] },
  batchOf(before, after),
  { envelope: end, frames: [] },
]);

describe("a capture", () => {
  test("has the bytes that every version reads", async () => {
    const file = join(import.meta.dirname, "../../fixtures/captures/golden.mrcap");
    expect(Buffer.from(golden).toString("hex")).toBe((await readFile(file)).toString("hex"));
    const { reader, entries } = await readAll(golden);
    expect(reader.head).toEqual(head);
    expect(reader.end).toEqual(end);
    expect(entries.map(({ envelope }) => envelope)).toEqual([
      { kind: "look-back", step: 0 },
      batchOf(before, after).envelope,
    ]);
    expect(entries[1]?.frames.map(({ bytes }) => Buffer.from(bytes).toString("hex"))).toEqual(
      [before, after].map(({ bytes }) => Buffer.from(bytes).toString("hex")),
    );
  });

  test("gives back any batch as it was written, frame for frame", () => {
    fc.assert(
      fc.property(fc.array(anyRecords, { minLength: 1, maxLength: 4 }), fc.string(), (batches, message) => {
        const frames = batches.map((records) => frameOf(records));
        const first = frames[0] as (typeof frames)[number];
        const failures =
          first.recordCount === 0 ? [] : [{ record: 0, code: "module.record" as const, message }];
        const envelope: BatchEnvelope = {
          kind: "batch",
          number: 2 ** 40,
          firstRecord: 3,
          cut: 1,
          steps: [
            {
              before: 0,
              after: null,
              became: new Uint8Array(0),
              origins: null,
              failures,
              threw: { code: "module.trap", message },
            },
          ],
          masked: [],
        };
        const decoded = decodeEntry(encodeEntry(envelope, frames), where);
        expect(decoded?.envelope).toEqual(envelope);
        expect(decoded?.frames.map(({ bytes }) => Buffer.from(bytes))).toEqual(
          frames.map(({ bytes }) => Buffer.from(bytes)),
        );
      }),
    );
  });

  test("that was cut off anywhere is read up to the last whole entry, or refused", async () => {
    const whole = await readAll(golden);
    const counts = new Set<number>();
    for (let length = 0; length < golden.length; length++) {
      try {
        const { reader, entries } = await readAll(golden.slice(0, length));
        counts.add(entries.length);
        expect(reader.end).toBeUndefined();
        expect(entries).toEqual(whole.entries.slice(0, entries.length));
      } catch (error) {
        expect(MillraceError.is(error) && error.code).toBe("capture.invalid");
        expect(counts.size, "what was readable stays readable with more bytes").toBe(0);
      }
    }
    expect([...counts]).toEqual([0, 1, 2]);
  });

  test("in which a byte was changed is refused, or its frames are", async () => {
    for (let at = 0; at < golden.length; at++) {
      const changed = golden.slice();
      changed[at] = (changed[at] as number) ^ 0x10;
      const read = readAll(changed).then(({ reader }) => reader.end);
      // A length that reaches beyond the end looks like a capture that was cut off.
      const result = await read.catch((error: MillraceError) => error.code);
      expect(["capture.invalid", "frame.invalid", undefined], `byte ${at}`).toContain(result);
    }
  });

  test("passes over kinds of entries that a later version may add", async () => {
    const later = encodeEntry({ kind: "weather" } as never, [frameOf(["rain"])]);
    const parts = [fileMark, encodeEntry(head, []), later, encodeEntry(end, [])];
    const { reader, entries } = await readAll(new Uint8Array(Buffer.concat(parts)));
    expect([entries, reader.end]).toEqual([[], end]);
  });

  test.each<[string, (envelope: BatchEnvelope) => unknown]>([
    ["steps.0.became", (batch) => ({ ...batch, steps: [{ ...batch.steps[0], became: 1 }] })],
    [
      "tells of other records",
      (batch) => ({ ...batch, steps: [{ ...batch.steps[0], became: new Uint8Array(1) }] }),
    ],
    ["without the frame before", (batch) => ({ ...batch, steps: [{ ...batch.steps[0], before: 1 }] })],
    ["without the frame after", (batch) => ({ ...batch, steps: [{ ...batch.steps[0], after: 2 }] })],
    [
      "one it has not",
      (batch) => ({ ...batch, steps: [{ ...batch.steps[0], origins: Uint8Array.of(2, 0, 0, 0) }] }),
    ],
    [
      "what it was made of",
      (batch) => ({ ...batch, steps: [{ ...batch.steps[0], origins: new Uint8Array(8) }] }),
    ],
    ["masks a record", (batch) => ({ ...batch, masked: [2] })],
  ])("whose batch does not fit its frames (%s) is refused", (message, change) => {
    const { envelope, frames } = batchOf(before, after);
    const bytes = encodeEntry(change(envelope) as BatchEnvelope, frames);
    expect(() => decodeEntry(bytes, where)).toThrow(message);
  });
});

describe("the bounds of a capture", () => {
  test("captureEntryBytesMax is the most that an entry may claim", () => {
    const most = limits.captureEntryBytesMax.default;
    const header = (bytes: number): Uint8Array =>
      new Uint8Array(Uint32Array.of(bytes, 0, 0, 0).buffer, field.entryBytes, entryHeaderBytes);
    expect(entryBytesOf(header(most), where)).toBe(most);
    expect(() => entryBytesOf(header(most + 8), where)).toThrow("claims 536870920 bytes");
    expect(() => entryBytesOf(header(8), where)).toThrow("claims 8 bytes");
  });

  test("captureEnvelopeBytesMax is the most that an envelope may have", () => {
    const most = limits.captureEnvelopeBytesMax.default;
    const sized = (bytes: number): Uint8Array =>
      encodeEntry({ kind: "later", pad: new Uint8Array(bytes) } as never, []);
    const overhead = new Uint32Array(sized(70_000).buffer)[field.envelopeBytes] as number;
    const pad = most - (overhead - 70_000);
    expect(decodeEntry(sized(pad), where)).toBeUndefined();
    expect(() => decodeEntry(sized(pad + 1), where)).toThrow(`an envelope of ${most + 1} bytes`);
  });

  test("a few bytes that claim to hold millions of values are refused before room is made for them", () => {
    const claims = (...bytes: number[]): boolean => isPlainMessagePack(Uint8Array.from(bytes));
    expect(claims(0xdd, 0xff, 0xff, 0xff, 0xff)).toBe(false);
    expect(claims(0xdf, 0x7f, 0xff, 0xff, 0xff, 0x01)).toBe(false);
    expect(claims(0xc6, 0x7f, 0xff, 0xff, 0xff)).toBe(false);
    expect(claims(...Array.from({ length: 40 }, () => 0x91), 0xc0)).toBe(false);
    expect(claims(0xd4, 0x00, 0x00)).toBe(false);
    expect(claims(0x91, 0xc0, 0xc0)).toBe(false);
    expect(claims(0x92, 0xc0, 0xa1, 0x61)).toBe(true);
  });
});
