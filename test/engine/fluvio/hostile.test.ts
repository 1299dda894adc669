import { describe, expect, test } from "vitest";
import { textOf } from "../../../src/base/index.ts";
import { limits } from "../../../src/limits.ts";
import { Batch, frameOf, type RecordInput } from "../../../src/record/index.ts";
import {
  dataAt,
  type FluvioGuestParts,
  fluvioGuestModule,
  fluvioWat,
  handOver,
  openFluvioGuest,
} from "../../support/fluvio.ts";
import { texts } from "../../support/records.ts";
import { expectFailure, run } from "../run.ts";
import { aggregateOutput, hex, output, u32, varint, type WireRecord } from "./reference-codec.ts";

const records: readonly RecordInput[] = [{ value: "one", key: "k" }, { value: "two" }, { value: "three" }];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const made = (value: string, offsetDelta = 0, key?: string): WireRecord => ({
  value: bytes(value),
  offsetDelta,
  key: key === undefined ? undefined : bytes(key),
});

/** Runs the module over records; each must be failed for what it hands over, with the frame as it was. */
async function expectNonsense(parts: FluvioGuestParts, message: string, given = records): Promise<void> {
  const transform = await openFluvioGuest(parts);
  const batch = Batch.of(frameOf(given, { offset: 50 }));
  const before = batch.frame.bytes.slice();
  transform.process(batch);
  expect(batch.failures.map(({ origin, code }) => [origin, code])).toEqual(
    given.map((_, origin) => [origin, "module.answer"]),
  );
  expect(batch.failures[0]?.message).toMatch(/^breaks Fluvio's ABI: /);
  expect([batch.count, Buffer.compare(batch.frame.bytes, before)]).toEqual([0, 0]);
  const { length } = given;
  expect(transform.counts).toMatchObject({
    records: length,
    kept: 0,
    replaced: 0,
    dropped: 0,
    failed: length,
  });
  await expectRefusal(parts, message, given);
}

/** What it hands over for all of them together must be refused, which ends a module whose state matters. */
async function expectRefusal(parts: FluvioGuestParts, message: string, given = records): Promise<void> {
  const transform = await openFluvioGuest(parts, { stateful: true });
  const batch = Batch.of(frameOf(given, { offset: 50 }));
  const error = expectFailure(() => transform.process(batch), "module.answer", message);
  expect(error.where).toMatchObject({ module: "guest" });
  expect(transform.counts).toMatchObject({ records: 0, kept: 0, replaced: 0, dropped: 0, failed: 0 });
}

const three = [made("a"), made("b", 1), made("c", 2)];

describe("copy_records", () => {
  test("is told the place of the output, by a module of any name, with what is around it left alone", async () => {
    const batch = run(await openFluvioGuest({ data: output(three), importedFrom: "anything" }), records);
    expect(texts(batch)).toEqual(["a", "b", "c"]);
    expect(batch.at(0).key).toBeUndefined();
    const wasi = await openFluvioGuest({ data: output(three), importedFrom: "wasi_snapshot_preview1" });
    expect(texts(run(wasi, records))).toEqual(["a", "b", "c"]);
  });

  test("that is never called leaves nothing to read, also after a call that had it", async () => {
    await expectNonsense({ body: "(i32.const 3)" }, "it handed no output over");
    const data = output([made("a")]);
    const transform = await openFluvioGuest({
      data,
      body: `(if (i32.eqz (global.get $calls)) (then ${handOver(data.length)}))
        (global.set $calls (i32.const 1)) (i32.const 1)`,
    });
    expect(texts(run(transform, ["x"]))).toEqual(["a"]);
    // In a new instance it does.
    expect(texts(run(transform, ["x"]))).toEqual(["a"]);
    expect(transform.counts).toMatchObject({ replaced: 2, renewals: 1 });
  });

  test("that is called twice counts at its last call", async () => {
    const data = [...output([made("a")]), ...output([made("z")])];
    const half = data.length / 2;
    const transform = await openFluvioGuest({
      data,
      body: `${handOver(half)} ${handOver(half, dataAt + half)} (i32.const 1)`,
    });
    expect(texts(run(transform, ["x"]))).toEqual(["z"]);
  });

  test("with a place outside of memory is refused", async () => {
    const end = 2 * 65_536;
    for (const [at, length] of [
      [end - 4, 5],
      [end + 1, 0],
      [-16, 17],
      [-16, 15],
      [0, -1],
      [-1, -1],
    ]) {
      const body = `(call $copy (i32.const ${at}) (i32.const ${length})) (i32.const 1)`;
      await expectNonsense({ body }, "lies outside of its memory");
    }
  });

  test("with no bytes at all holds no output", async () => {
    await expectNonsense(
      { body: `${handOver(0)} (i32.const 1)` },
      "its output cannot be read: it ends too early",
    );
  });
});

describe("alloc", () => {
  test("that gives an address outside of memory is refused", async () => {
    for (const at of [0xfffffff0, 0x80000000, 2 * 65_536]) {
      await expectNonsense({ alloc: `(i32.const ${at | 0})` }, `at ${at} lie outside of its memory`);
    }
    await expectNonsense({ alloc: `(i32.const ${2 * 65_536 - 4})` }, "lie outside of its memory");
  });

  test("that has no memory fails the record that there is none for, and no other", async () => {
    const alloc = `(if (i32.gt_u (local.get $bytes) (i32.const 400)) (then (return (i32.const 0)))) (i32.const 70000)`;
    const transform = await openFluvioGuest({ transform: "filter", alloc, data: output([]) });
    const batch = run(transform, ["a", "x".repeat(500), "b", "y".repeat(200), "z".repeat(200)]);
    expect(batch.failures.map(({ origin, code, message }) => [origin, code, message])).toEqual([
      [1, "module.trap", expect.stringContaining("has no memory for an input of") as string],
    ]);
    expect(transform.counts).toMatchObject({ dropped: 4, failed: 1 });
  });

  test("that traps fails each record on its own", async () => {
    const transform = await openFluvioGuest({ alloc: "(unreachable)" });
    const batch = run(transform, records);
    expect(batch.failures.map(({ origin, message }) => [origin, message])).toEqual(
      [0, 1, 2].map((origin) => [origin, "trapped: unreachable"]),
    );
  });
});

describe("an output that cannot be read", () => {
  const broken: readonly (readonly [string, readonly number[], string])[] = [
    [
      "counts records that are not there",
      [...u32(0xffffffff), 0],
      "4294967295 records are said to be in 1 bytes",
    ],
    ["counts more records than it was sent", output([...three, made("d", 3)]), "4 records are made of 3"],
    ["ends within a record", output(three).slice(0, 12), "are said to be in"],
    ["lacks its end", output(three).slice(0, -1), "it ends too early"],
    [
      "has a record that is longer than it says",
      [...hex("00000001 10 000000 00 0a 6170706c65 00 00")],
      "not as long",
    ],
    [
      "has a record that is shorter than it says",
      [...hex("00000001 18 000000 00 0a 6170706c65 00 00 00 00")],
      "not as long",
    ],
    [
      "has a value of a negative length",
      [...hex("00000001 0c 000000 00 01 00 00 00 00 00 00")],
      "a part has -1 bytes",
    ],
    [
      "has a value that ends behind it",
      [...hex("00000001 0c 000000 00 7e 00 00 00 00")],
      "it ends too early",
    ],
    ["has a key that is there by half", [...hex("00000001 0c 000000 02 00 00 00 00 00")], "begins with 2"],
    ["has an error that is there by half", [...output(three).slice(0, -1), 7], "begins with 7"],
    [
      "has a number of more than 32 bits",
      [...hex("00000001 ffffffff7f 0000 0000 0000")],
      "more than 32 bits",
    ],
  ];
  test.each(broken)("%s", async (_what, data, message) => {
    await expectNonsense({ data }, message);
  });

  test("counts fewer, and says nothing of the others", async () => {
    const parts = { data: output(three.slice(1)) };
    await expectRefusal(parts, "2 records are made of 3, and nothing is said of the others");
    // Of two records it is right, whichever they are.
    const batch = run(await openFluvioGuest(parts), records);
    expect([texts(batch), batch.failures.map(({ origin }) => origin)]).toEqual([["b", "c"], [2]]);
  });

  test("has an error that ends within itself", async () => {
    const whole = output([made("a")], { hint: "no", offset: 51 });
    for (let length = whole.length - 1; length > 17; length--) {
      await expectNonsense({ data: whole.slice(0, length) }, "guest breaks Fluvio's ABI");
    }
  });

  test("has an accumulator that ends behind it", async () => {
    const whole = aggregateOutput(three, bytes("sum"));
    await expectNonsense({ transform: "aggregate", data: whole.slice(0, -1) }, "it ends too early");
    const huge = [...output(three), ...u32(0xffff_fff0)];
    await expectNonsense({ transform: "aggregate", data: huge }, "it ends too early");
  });
});

describe("what a module says of its records", () => {
  test("names records that it was sent, in their order, and each once", async () => {
    const filterOf = (deltas: readonly number[], error?: number): FluvioGuestParts => ({
      transform: "filter",
      data: output(
        deltas.map((delta) => ({
          value: bytes(["one", "two", "three"][delta] ?? ""),
          key: delta === 0 ? bytes("k") : undefined,
          offsetDelta: delta,
        })),
        error === undefined ? undefined : { hint: "no", offset: error },
      ),
    });
    await expectNonsense(filterOf([1, 0]), "record 1 has the offset delta 0, which is none that comes next");
    await expectNonsense(filterOf([1, 1]), "record 1 has the offset delta 1");
    await expectNonsense(filterOf([3]), "record 0 has the offset delta 3");
    await expectNonsense(filterOf([-1]), "record 0 has the offset delta -1");
    for (const offset of [49, 50, 53, -1, 2 ** 40]) {
      await expectNonsense(filterOf([1], offset), "it names an error, and no record that has it");
    }
    const good = run(await openFluvioGuest(filterOf([0, 2])), records);
    expect(texts(good)).toEqual(["one", "three"]);
  });

  test("does not change what a filter keeps", async () => {
    for (const change of [made("on", 0, "k"), made("one"), made("one", 0, "kk"), made("two", 1, "k")]) {
      await expectRefusal({ transform: "filter", data: output([change]) }, "record 0 was changed");
    }
  });

  test("fails the record behind those that a map made", async () => {
    await expectNonsense({ data: output(three, { hint: "no", offset: 53 }) }, "no record that has it");
    const once = output([made("a")], { hint: "no", offset: 12345 });
    const rest = output([made("c")]);
    const transform = await openFluvioGuest({
      data: [...once, ...rest],
      body: `(if (i32.eqz (global.get $calls))
          (then ${handOver(once.length)}) (else ${handOver(rest.length, dataAt + once.length)}))
        (global.set $calls (i32.const 1)) (i32.const 1)`,
    });
    const batch = run(transform, records);
    expect([texts(batch), batch.failures.map(({ origin, message }) => [origin, message])]).toEqual([
      ["a", "c"],
      [[1, "no"]],
    ]);
  });

  test("with an error and no text still fails the record, and a long text is cut", async () => {
    const silent = await openFluvioGuest({ data: output([], { hint: "", offset: 0 }) });
    expect(run(silent, ["x"]).failures[0]?.message).toBe("the module gave no reason");
    const long = await openFluvioGuest({ data: output([], { hint: "e".repeat(60_000), offset: 0 }) });
    expect(run(long, ["x"]).failures[0]?.message.length).toBe(limits.recordErrorBytesMax.default);
  });

  test("sets the key of each part of a record, or takes it away", async () => {
    const parts = output([made("1", 0, "z"), made("2"), made("3", 0, "")]);
    const transform = await openFluvioGuest({ transform: "array_map", data: parts });
    const keyed = run(transform, [{ value: "x", key: "k" }]);
    const keys = (batch: Batch): unknown[] =>
      Array.from(batch, ({ key }) => (key === undefined ? undefined : Buffer.from(key).toString()));
    expect([texts(keyed), keys(keyed)]).toEqual([
      ["1", "2", "3"],
      ["z", undefined, ""],
    ]);
    expect(keys(run(transform, ["x", "y"]))).toEqual(["z", undefined, "", "z", undefined, ""]);
    const map = await openFluvioGuest({ data: output([made("1", 0, "z"), made("2", 1)]) });
    expect(
      keys(
        run(map, [
          { value: "x", key: "k" },
          { value: "y", key: "k" },
        ]),
      ),
    ).toEqual(["z", undefined]);
    expect(keys(run(map, ["x", "y"]))).toEqual(["z", undefined]);
  });

  test("expands a record to no more than there is room for", async () => {
    const { default: recordsMax } = limits.expandedRecordsMax;
    // Each record of seven bytes: length 6, and an empty value.
    const body = `(local $i i32)
      (memory.grow (i32.const 200)) (drop)
      (i32.store (i32.const 131072) (i32.const 0x00001000))
      (i32.store8 (i32.const 131073) (i32.const ${(recordsMax + 1) >> 16}))
      (i32.store8 (i32.const 131074) (i32.const ${((recordsMax + 1) >> 8) & 255}))
      (i32.store8 (i32.const 131075) (i32.const ${(recordsMax + 1) & 255}))
      (loop $next
        (i32.store8 (i32.add (i32.const 131076) (i32.mul (local.get $i) (i32.const 7))) (i32.const 12))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.le_u (local.get $i) (i32.const ${recordsMax}))))
      (call $copy (i32.const 131072) (i32.const ${4 + (recordsMax + 1) * 7 + 1})) (i32.const 1)`;
    const transform = await openFluvioGuest({ transform: "array_map", body });
    const batch = run(transform, ["x"]);
    expect([batch.count, batch.failures[0]?.message]).toEqual([
      0,
      `what it is expanded to does not fit into ${recordsMax} records`,
    ]);
  });

  test("is no more than outputBytesMax for one batch, in one call or in many", async () => {
    const { default: bytesMax } = limits.outputBytesMax;
    // A record whose value takes all of the output, but for 18 bytes: what was handed over counts.
    const headOf = (byteCount: number): number[] => [
      ...u32(1),
      ...varint(4 + 4 + byteCount - 18 + 1),
      ...[0, 0, 0, 0],
      ...varint(byteCount - 18),
    ];
    const answering = (byteCount: number): FluvioGuestParts => ({
      data: headOf(byteCount),
      body: `(drop (memory.grow (i32.const ${bytesMax / 65_536 + 1})))
        (memory.copy (i32.const 131072) (i32.const ${dataAt}) (i32.const ${headOf(byteCount).length}))
        (call $copy (i32.const 131072) (i32.const ${byteCount})) (i32.const 1)`,
    });
    const most = run(await openFluvioGuest(answering(bytesMax)), ["x"]);
    expect(most.at(0).value.length).toBe(bytesMax - 18);
    // Of what is around the values there may be more.
    expect(run(await openFluvioGuest(answering(bytesMax + 18)), ["x"]).at(0).value.length).toBe(bytesMax);
    const tooLarge = run(await openFluvioGuest(answering(bytesMax + 19)), ["x"]);
    expect(tooLarge.failures[0]?.message).toContain(
      `its output has ${bytesMax + 1} bytes, and ${bytesMax} is`,
    );
    const half = bytesMax / 2 + 16;
    const transform = await openFluvioGuest({ ...answering(half), transform: "array_map" });
    const batch = run(transform, records);
    const message = `its output of ${half - 4} bytes does not fit: its batch may become ${bytesMax} bytes in all`;
    expect(batch.failures).toEqual(
      [1, 2].map((origin) => ({
        origin,
        by: "guest",
        code: "module.record",
        message: expect.stringContaining(message) as string,
      })),
    );
    expect(transform.counts).toMatchObject({ expanded: 1, failed: 2, renewals: 0 });
  });

  test("is taken as far as it fits into what a batch may become, record by record", async () => {
    const four = output([made("aaaa", 0, "k"), made("bbbb", 1), made("cccc", 2), made("d", 3)]);
    const module = await fluvioGuestModule({ data: four });
    const limits = { ...module.limits, batchOutputBytesMax: 10 };
    const transform = await module.abi.open({ ...module, limits }, { parameters: new Map() });
    const batch = run(transform, ["1", "2", "3", "4"]);
    expect(Array.from(batch, ({ value, key }) => [value, key].map((part) => part && textOf(part)))).toEqual([
      ["aaaa", "k"],
      ["bbbb", undefined],
      ["d", undefined],
    ]);
    expect(batch.failures).toMatchObject([{ origin: 2, code: "module.record" }]);
    expect(transform.counts).toMatchObject({ calls: 1, replaced: 3, failed: 1, renewals: 0, bytesOut: 10 });
  });

  test("may lie in shared memory that has grown", async () => {
    const answer = output([made("far")]);
    const wat = fluvioWat({
      data: answer,
      body: `(drop (memory.grow (i32.const 2)))
        (memory.copy (i32.const 200000) (i32.const ${dataAt}) (i32.const ${answer.length}))
        ${handOver(answer.length, 200_000)} (i32.const 1)`,
    }).replace('(memory (export "memory") 2)', '(memory (export "memory") 2 8 shared)');
    const module = await fluvioGuestModule(wat);
    const transform = await module.abi.open(module, { parameters: new Map() });
    expect(texts(run(transform, ["x"]))).toEqual(["far"]);
    expect(texts(run(transform, ["x"]))).toEqual(["far"]);
  });

  test("hands over an accumulator that is not too large", async () => {
    const { default: bytesMax } = limits.accumulatorBytesMax;
    const answered = output([made("a")]);
    const at = 2 * 65_536;
    const handing = (byteCount: number): FluvioGuestParts => ({
      transform: "aggregate",
      data: [...answered, ...u32(byteCount)],
      body: `(drop (memory.grow (i32.const 64)))
        (memory.copy (i32.const ${at}) (i32.const ${dataAt}) (i32.const ${answered.length + 4}))
        (call $copy (i32.const ${at}) (i32.const ${answered.length + 4 + byteCount})) (i32.const 1)`,
    });
    const largest = await openFluvioGuest(handing(bytesMax));
    run(largest, ["x"]);
    expect(largest.accumulator()?.length).toBe(bytesMax);
    const larger = await openFluvioGuest(handing(bytesMax + 1));
    expect(run(larger, ["x"]).failures).toMatchObject([
      {
        origin: 0,
        code: "module.answer",
        message: `has let its accumulator grow to ${bytesMax + 1} bytes, and ${bytesMax} is the limit`,
      },
    ]);
    expect(larger.accumulator()).toEqual(new Uint8Array(0));
    await expect(
      openFluvioGuest({ transform: "aggregate" }, { accumulator: new Uint8Array(bytesMax + 1) }),
    ).rejects.toMatchObject({ code: "module.init" });
  });
});

describe("a status below 0", () => {
  test.each([
    [-1, "encountered unknown error during SmartModule processing (status -1)"],
    [-2, "encountered unknown error during SmartModule processing (status -2)"],
    [-11, "failed to decode SmartModule base input (status -11)"],
    [-22, "failed to decode SmartModule record input (status -22)"],
    [-33, "failed to encode SmartModule output (status -33)"],
    [-44, "failed to parse SmartModule extra params (status -44)"],
    [-55, "undefined right record in Join SmartModule (status -55)"],
    [-2147483648, "encountered unknown error during SmartModule processing (status -2147483648)"],
  ])("of a transform: %i fails the records, whatever was handed over", async (status, message) => {
    const data = output(three);
    const transform = await openFluvioGuest({ data, body: `${handOver(data.length)} (i32.const ${status})` });
    const batch = run(transform, records);
    expect(batch.count).toBe(0);
    expect(batch.failures.map((failure) => [failure.origin, failure.code, failure.message])).toEqual(
      [0, 1, 2].map((origin) => [origin, "module.record", message]),
    );
  });

  test.each([
    [-1, "encountered unknown error during SmartModule processing (status -1)"],
    [-10, "failed to decode SmartModule init input (status -10)"],
    [-11, "failed to encode SmartModule output (status -11)"],
    [-99, "encountered unknown error"],
  ])("of init: %i refuses the parameters", async (status, message) => {
    await expect(openFluvioGuest({ init: `(i32.const ${status})` })).rejects.toMatchObject({
      code: "module.init",
      message: expect.stringContaining(`guest refused its parameters: ${message}`) as string,
    });
  });

  test.each([
    [-1, "encountered unknown error during SmartModule processing (status -1)"],
    [-66, "failed to decode SmartModule look_back input (status -66)"],
    [-77, "failed to decode SmartModule record input (status -77)"],
    [-88, "failed to encode SmartModule output (status -88)"],
    [-2, "encountered unknown error"],
  ])("of look_back: %i refuses the records", async (status, message) => {
    const transform = await openFluvioGuest({ lookBack: `(i32.const ${status})` });
    expect(() => transform.lookBack(Batch.of(frameOf(records)))).toThrow(message);
  });

  test("that comes with an output needs one that can be read", async () => {
    await expect(openFluvioGuest({ init: "(i32.const -2)" })).rejects.toMatchObject({
      code: "module.answer",
    });
    const cut = { data: hex("0011"), init: `${handOver(2)} (i32.const -2)` };
    await expect(openFluvioGuest(cut)).rejects.toMatchObject({ code: "module.answer" });
    const silent = { data: hex("0000"), init: `${handOver(2)} (i32.const -2)` };
    await expect(openFluvioGuest(silent)).rejects.toMatchObject({
      message: "guest refused its parameters: it gave no reason",
    });
    const looking = await openFluvioGuest({ lookBack: "(i32.const -99)" });
    expect(() => looking.lookBack(Batch.of(frameOf(records)))).toThrow("it handed no output over");
    const half = await openFluvioGuest({
      data: hex("0001 61 00"),
      lookBack: `${handOver(4)} (i32.const -99)`,
    });
    expect(() => half.lookBack(Batch.of(frameOf(records)))).toThrow("it ends too early");
  });
});

test("a look-back gets records and no accumulator, and what init gets is its parameters alone", async () => {
  const lengths = (wanted: number): string =>
    `(select (i32.const 0) (i32.const -1) (i32.eq (local.get $length) (i32.const ${wanted})))`;
  const parameterBytes = 2 + 3 + 3 + 1;
  const transform = await openFluvioGuest(
    {
      transform: "aggregate",
      // 16 bytes ahead of the records, eight of the record, and behind it parameters, right record and base timestamp.
      lookBack: lengths(16 + 8 + parameterBytes + 4 + 8),
      init: lengths(parameterBytes),
    },
    { accumulator: bytes("sum"), parameters: { a: "b" } },
  );
  transform.lookBack(Batch.of(frameOf(["a"])));
  expect(() => transform.lookBack(Batch.of(frameOf(["ab"])))).toThrow("status -1");
});

describe("a module that is refused when it is loaded", () => {
  const refusal = async (wat: string): Promise<unknown> =>
    fluvioGuestModule(wat).catch((error: unknown) => error);
  const without = (exported: string): string => fluvioWat().replace(`(export "${exported}")`, "");

  test.each([
    ["no alloc", without("alloc"), "guest#alloc is missing"],
    ["no memory", without("memory"), "guest#memory exports no memory"],
    [
      "no transform",
      without("map"),
      "exports none of its transforms: filter, map, filter_map, array_map, aggregate",
    ],
    ["a join", fluvioWat({ transform: "join" }), "guest#join is a transform that Fluvio had for a while"],
    [
      "a transform of another type",
      fluvioWat().replace('(func (export "map") (param $at i32)', '(func (export "map") (param $at i64)'),
      "guest#map has the type (i64, i32, i32) -> i32, Fluvio's ABI wants (i32, i32, i32) -> i32 or (i32, i32) -> i32",
    ],
    [
      "an init of another type",
      fluvioWat({ extra: '(func (export "init"))' }),
      "guest#init has the type () -> nothing",
    ],
    [
      "a dealloc of another type",
      fluvioWat({ extra: '(func (export "dealloc"))' }),
      "guest#dealloc has the type",
    ],
    [
      "a transform that is a global",
      fluvioWat({ extra: '(global (export "filter") i32 (i32.const 0))' }),
      "guest#filter is a global",
    ],
  ])("%s", async (_what, wat, message) => {
    expect(await refusal(wat)).toMatchObject({
      code: "module.abi",
      message: expect.stringContaining(message) as string,
    });
  });

  test("for what it imports beside copy_records and WASI", async () => {
    const foreign = '(import "env" "now" (func)) (import "wasi_snapshot_preview1" "sock_connect" (func))';
    expect(await refusal(fluvioWat({ imports: foreign }))).toMatchObject({
      code: "module.import",
      message:
        "guest imports env.now, wasi_snapshot_preview1.sock_connect, but a module gets no imports beside its ABI's and WASI's",
    });
    const global = '(import "wasi_snapshot_preview1" "fd_write" (global i32))';
    expect(await refusal(fluvioWat({ imports: global }))).toMatchObject({ code: "module.import" });
  });

  test("of several transforms Fluvio takes the first, and so is it here", async () => {
    const extra = '(func (export "filter") (param i32 i32 i32) (result i32) (i32.const 0))';
    expect((await fluvioGuestModule({ transform: "aggregate", extra })).abi.kind).toBe("filter");
  });
});
