import { describe, expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import { Batch, frameOf, type RecordInput } from "../../src/record/index.ts";
import { type GuestParts, openGuest, text } from "../support/guests.ts";
import { plainRecords, texts } from "../support/records.ts";
import { run } from "./run.ts";

const page = 65_536;
const records: readonly RecordInput[] = [{ value: "one", key: "k" }, { value: "two" }, { value: "three" }];

const all = [0, 1, 2];

/** Runs the module over the records; some must be failed for what it answers, and the others be as they were. */
async function expectNonsense(
  parts: GuestParts,
  message: string,
  fails: readonly number[] = all,
  given = records,
): Promise<void> {
  const transform = await openGuest(parts);
  const batch = Batch.of(frameOf(given));
  const before = batch.frame.bytes.slice();
  transform.process(batch);
  expect(batch.failures).toEqual(
    fails.map((origin) => ({
      origin,
      by: "guest",
      code: "module.answer",
      message: expect.stringContaining(message.replace("#", `record ${origin} of the batch`)) as string,
    })),
  );
  expect(batch.failures[0]?.message).toMatch(/^breaks /);
  expect(texts(batch)).toEqual(given.map(({ value }) => value).filter((_, i) => !fails.includes(i)));
  expect(Buffer.compare(batch.frame.bytes, before)).toBe(0);
  const { length } = given;
  const kept = length - fails.length;
  expect(transform.counts).toMatchObject({ records: length, kept, dropped: 0, failed: fails.length });
}

describe("verdicts", () => {
  const second = (verdict: number): string =>
    `(select (i32.const ${verdict}) (i32.const 1) (i32.eq (local.get $i) (i32.const 1)))`;

  test.each([0, 4, 6, 7, 15, 0x10, 0xf0, 0xff])("%i is none that a module can give", async (verdict) => {
    const message = `# has the verdict ${verdict & 15}`;
    await expectNonsense({ record: second(verdict) }, `${message}, which a map cannot give`, [1]);
    const filter: GuestParts = { transform: "filter", record: second(verdict) };
    await expectNonsense(filter, `${message}, which a filter cannot give`, [1]);
  });

  test("of a filter never replace, and those of a map never drop", async () => {
    const filter: GuestParts = { transform: "filter", record: second(0x13) };
    await expectNonsense(filter, "# has the verdict 3, which a filter cannot give", [1]);
    await expectNonsense({ record: second(2) }, "# has the verdict 2, which a map cannot give", [1]);
  });

  test("that were left out do not pass for anything", async () => {
    await expectNonsense({ body: "(call $count)" }, "# has the verdict 0");
    const filter: GuestParts = { transform: "filter", body: "(call $count)" };
    await expectNonsense(filter, "# has the verdict 0");
  });

  test("do not stay from an earlier batch, nor from records behind the end of an earlier answer", async () => {
    const onceOnly: GuestParts = {
      extra: "(global $calls (mut i32) (i32.const 0))",
      body: `(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (if (i32.eq (global.get $calls) (i32.const 1)) (then
          (memory.fill (call $verdictsAt) (i32.const 1) (call $count))
          (return (i32.add (local.get $first) (i32.const 1)))))
        (call $count)`,
    };
    const transform = await openGuest(onceOnly);
    expect(texts(run(transform, ["one", "two", "three"]))).toEqual(["one", "two", "three"]);
    // The answer of each second call was refused, and the first one of a new instance taken.
    expect(transform.counts).toMatchObject({ records: 3, kept: 3, failed: 0, renewals: 2 });
  });
});

describe("the end of an answer", () => {
  test("must not lie behind the batch, nor before the first record that was asked for", async () => {
    const keepAll = "(memory.fill (call $verdictsAt) (i32.const 1) (call $count))";
    await expectNonsense({ body: `${keepAll} (i32.const 4)` }, "finished records up to 4 of");
    await expectNonsense({ body: `${keepAll} (i32.const -1)` }, "finished records up to 4294967295 of");
    const backwards = `${keepAll} (select (i32.const 2) (i32.const 1) (i32.eqz (local.get $first)))`;
    await expectNonsense({ body: backwards }, "finished records up to 1 of 3, from 2 on", [2]);
  });
});

describe("spans", () => {
  const value = (at: string, length: string): GuestParts => ({
    record: `(call $setValue (local.get $i) ${at} ${length}) (i32.const 0x13)`,
  });
  const key = (at: string, length: string): GuestParts => ({
    record: `(call $setKey (local.get $i) ${at} ${length}) (i32.const 0x23)`,
  });
  const memoryEnd = "(i32.mul (memory.size) (i32.const 65536))";
  const from = (offset: number): string => `(i32.add ${memoryEnd} (i32.const ${offset}))`;

  test("must lie inside of memory", async () => {
    for (const [at, length] of [
      [memoryEnd, "(i32.const 1)"],
      [from(-2), "(i32.const 3)"],
      ["(i32.const 0)", from(1)],
      ["(i32.const 8)", "(i32.const -1)"],
      ["(i32.const -8)", "(i32.const 16)"],
      ["(i32.const -1)", "(i32.const -1)"],
      ["(i32.const 0x80000000)", "(i32.const 0x80000000)"],
      ["(i32.const -1)", "(i32.const 0)"],
    ] as const) {
      await expectNonsense(value(at, length), "# has a value of");
      if (length !== "(i32.const -1)") await expectNonsense(key(at, length), "# has a key of");
    }
  });

  test("may end where memory ends", async () => {
    const transform = await openGuest({
      record: `(i64.store ${from(-8)} (i64.const 0x6867666564636261))
        (call $setValue (local.get $i) ${from(-3)} (i32.const 3)) (i32.const 0x13)`,
    });
    const batch = Batch.of(frameOf(records));
    transform.process(batch);
    expect(texts(batch)).toEqual(["fgh", "fgh", "fgh"]);
  });

  test("may be empty anywhere in memory, and a key may be none at any place", async () => {
    const batch = Batch.of(frameOf(records));
    (await openGuest(value(memoryEnd, "(i32.const 0)"))).process(batch);
    (await openGuest(key("(i32.const -1)", "(i32.const -1)"))).process(batch);
    expect(plainRecords(batch).map((record) => [record.value.length, record.key])).toEqual([
      [0, undefined],
      [0, undefined],
      [0, undefined],
    ]);
  });

  test("of what a record does not set are not looked at", async () => {
    const transform = await openGuest({
      record: `(call $setValue (local.get $i) (i32.const -1) (i32.const -1))
        (call $setKey (local.get $i) (i32.const -1) (i32.const 1))
        (call $setHeaders (local.get $i) (i32.const -1) (i32.const -1))
        (i32.const 0x43)`,
    });
    const batch = Batch.of(frameOf(records));
    transform.process(batch);
    expect(texts(batch)).toEqual(["one", "two", "three"]);
    expect(batch.at(0).timestamp).toBe(0);
  });

  test("may point to anything that was sent, also to columns and the header", async () => {
    const transform = await openGuest(value("(call $inputAt)", "(i32.const 4)"));
    const batch = Batch.of(frameOf(records));
    transform.process(batch);
    expect(texts(batch)).toEqual(["MRF1", "MRF1", "MRF1"]);
    expect(transform.counts.bytesOut).toBe(0);
  });

  test("that begin in the input and end behind it are bytes that the module made", async () => {
    const over = value(
      "(i32.sub (i32.add (call $inputAt) (call $inputBytes)) (i32.const 4))",
      "(i32.const 8)",
    );
    const transform = await openGuest(over);
    const batch = Batch.of(frameOf(records));
    transform.process(batch);
    expect(Array.from(batch, (record) => record.value.length)).toEqual([8, 8, 8]);
    // All three are the same bytes, which are moved once.
    expect(transform.counts.bytesOut).toBe(8);
  });

  test("outputBytesMax: their sum is limited before a byte is moved, also where they share bytes", async () => {
    const most = limits.outputBytesMax.default;
    const share = most / 4;
    const sharing = (length: number, last = length): GuestParts => ({
      memory: `${share / page + 2}`,
      record: `(call $setValue (local.get $i) (i32.const 0)
          (select (i32.const ${last}) (i32.const ${length}) (i32.eq (local.get $i) (i32.const 3))))
        (i32.const 0x13)`,
    });
    const four = ["", "", "", ""].map((value) => ({ value }));
    const batch = Batch.of(frameOf(four));
    (await openGuest(sharing(share))).process(batch);
    expect(Array.from(batch, (record) => record.value.length)).toEqual([share, share, share, share]);
    await expectTooMuch(sharing(share, share + 1), share + 1, [3], four);
    // The sum counts what only points into the input, too: it would be copied by whoever needs the records as a frame.
    const aliasing: GuestParts = {
      record: "(call $setValue (local.get $i) (call $inputAt) (i32.const 0x1000001)) (i32.const 0x13)",
    };
    const large = new Uint8Array(limits.recordBytesMax.default);
    const given = [large, "", "", ""].map((value) => ({ value }));
    await expectTooMuch(aliasing, 0x1000001, [3], given);
  });

  test("their sum is that of the whole batch, not of one call", async () => {
    const share = limits.outputBytesMax.default / 2;
    const oneByOne: GuestParts = {
      memory: `${share / page + 2}`,
      body: `(i32.store8 (i32.add (call $verdictsAt) (local.get $first)) (i32.const 0x33))
        (call $setKey (local.get $first) (i32.const 0) (i32.const ${share}))
        (call $setValue (local.get $first) (i32.const 0) (i32.const 1))
        (i32.add (local.get $first) (i32.const 1))`,
    };
    await expectTooMuch(oneByOne, share + 1, [1, 2]);
  });

  test("sizes that add up beyond 2^32 are not mistaken for small ones", async () => {
    const count = 2 ** 16 + 1;
    const fits = limits.outputBytesMax.default / page;
    const parts: GuestParts = {
      record: `(call $setValue (local.get $i) (i32.const 0) (i32.const ${page})) (i32.const 0x13)`,
    };
    const batch = run(await openGuest(parts), new Array<string>(count).fill(""));
    expect([batch.count, batch.failures.length]).toEqual([fits, count - fits]);
  });
});

/** Runs the module over the records; some must be failed since their output does not fit beside that of the others. */
async function expectTooMuch(
  parts: GuestParts,
  byteCount: number,
  fails: readonly number[],
  given = records,
): Promise<void> {
  const transform = await openGuest(parts);
  const batch = Batch.of(frameOf(given));
  transform.process(batch);
  expect(batch.failures).toEqual(
    fails.map((origin) => ({
      origin,
      by: "guest",
      code: "module.record",
      message: expect.stringContaining(
        `its output of ${byteCount} bytes does not fit: its batch may become ${limits.outputBytesMax.default} bytes in all`,
      ) as string,
    })),
  );
  expect(batch.count).toBe(given.length - fails.length);
  // It is no fault of the instance.
  expect(transform.counts).toMatchObject({ failed: fails.length, renewals: 0 });
}

describe("header blocks", () => {
  const block = (...bytes: readonly number[]): GuestParts => ({
    data: bytes.map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join(""),
    record: `(call $setHeaders (local.get $i) ${text(bytes.length)}) (i32.const 0x83)`,
  });

  test.each([
    ["is shorter than its count", [1, 0, 0]],
    ["has fewer headers than it says", [1, 0, 0, 0]],
    ["has more bytes than headers", [0, 0, 0, 0, 0]],
    ["breaks off inside a header's lengths", [1, 0, 0, 0, 0, 0, 0]],
    ["has a name that leaves it", [1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x61]],
    ["has a value that leaves it", [1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x61]],
    ["has lengths that add up to 2^32", [1, 0, 0, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]],
    ["has an absurd count", [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]],
  ])("that %s are refused", async (_what, bytes) => {
    await expectNonsense(block(...bytes), "# has a broken header block");
  });

  test("must lie inside of memory", async () => {
    const outside = "(call $setHeaders (local.get $i) (i32.const -1) (i32.const 4)) (i32.const 0x83)";
    await expectNonsense({ record: outside }, "# has a header block of 4 bytes at 4294967295");
  });

  test("may be empty, or say that there are no headers", async () => {
    for (const parts of [block(), block(0, 0, 0, 0)]) {
      const batch = Batch.of(frameOf([{ value: "", headers: [{ name: "h", value: new Uint8Array(1) }] }]));
      (await openGuest(parts)).process(batch);
      expect(batch.at(0).headers).toEqual([]);
    }
  });
});

describe("error texts", () => {
  const failing = (at: string, length: string, transform: "filter" | "map" = "filter"): GuestParts => ({
    transform,
    record: `(call $setValue (local.get $i) ${at} ${length}) (i32.const 5)`,
    data: "why",
  });
  const messages = async (parts: GuestParts): Promise<string[]> => {
    const batch = Batch.of(frameOf(["a"]));
    (await openGuest(parts)).process(batch);
    expect(batch.count).toBe(0);
    return batch.failures.map(({ message }) => message);
  };

  test("may lie anywhere in memory, and nowhere", async () => {
    for (const kind of ["filter", "map"] as const) {
      expect(await messages(failing("(i32.const 2048)", "(i32.const 3)", kind))).toEqual(["why"]);
      for (const [at, length] of [
        ["(i32.const 2048)", "(i32.const 0)"],
        ["(i32.const -1)", "(i32.const -1)"],
        ["(i32.const -8)", "(i32.const 16)"],
        ["(i32.mul (memory.size) (i32.const 65536))", "(i32.const 1)"],
      ] as const) {
        expect(await messages(failing(at, length, kind))).toEqual(["the module gave no reason"]);
      }
    }
  });

  test("recordErrorBytesMax: are cut to that many bytes", async () => {
    const [message] = await messages(failing("(i32.const 0)", "(i32.const -1)"));
    expect(message?.length).toBe(limits.recordErrorBytesMax.default);
  });

  test("of a whole batch fail it, record by record", async () => {
    const transform = await openGuest(
      failing("(call $valueAt (local.get $i))", "(call $valueLength (local.get $i))"),
    );
    const batch = Batch.of(frameOf(["a", "b"]));
    transform.process(batch);
    expect(batch.failures).toEqual(
      ["a", "b"].map((message, origin) => ({ origin, by: "guest", code: "module.record", message })),
    );
    expect(transform.counts).toMatchObject({ records: 2, failed: 2 });
  });
});
