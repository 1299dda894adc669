import { describe, expect, test } from "vitest";
import { control } from "../../src/engine/abi/packed/layout.ts";
import { type ModuleLogLine, openChain, type Transform } from "../../src/engine/index.ts";
import { limits } from "../../src/limits.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { controlAt, type GuestParts, guestModule, openGuest, store } from "../support/guests.ts";
import { texts } from "../support/records.ts";
import { expectFailure, run } from "./run.ts";

const cell = (name: keyof typeof control): string =>
  `(i32.load (i32.const ${controlAt + control[name] * 4}))`;
const dataAt = 2048;

interface Emitted {
  readonly source: number;
  readonly change?: number;
  readonly at?: number;
  readonly length?: number;
}

/** An array-map that answers with just this, whatever it is given. */
function expansionOf(
  verdicts: readonly number[],
  emitted: readonly Emitted[],
  claim = emitted.length,
): GuestParts {
  const byte = (column: keyof typeof control, index: number, value: number): string =>
    `(i32.store8 (i32.add ${cell(column)} (i32.const ${index})) (i32.const ${value}))`;
  const word = (column: keyof typeof control, index: number, value: number): string =>
    `(i32.store (i32.add ${cell(column)} (i32.const ${index * 4})) (i32.const ${value}))`;
  return {
    transform: "array_map",
    data: "made",
    body: [
      ...verdicts.map((verdict, i) => byte("verdictsAt", i, verdict)),
      ...emitted.flatMap(({ source, change = 0x10, at = dataAt, length = 4 }, e) => [
        word("sourcesAt", e, source),
        byte("changesAt", e, change),
        word("valuesAt", e * 2, at),
        word("valuesAt", e * 2 + 1, length),
        word("headersAt", e * 2, at),
        word("headersAt", e * 2 + 1, length),
        word("keysAt", e * 2, at),
        word("keysAt", e * 2 + 1, length),
      ]),
      store("emitted", claim),
      `(i32.const ${verdicts.length})`,
    ].join("\n"),
  };
}

/** What a module answers must be refused, which ends it where it keeps something that matters. */
async function expectNonsense(parts: GuestParts, message: string): Promise<void> {
  const { transforms } = await openChain([{ module: await guestModule(parts), stateful: true }]);
  expectFailure(() => run(transforms[0] as Transform, ["one", "two"]), "module.answer", message);
}

describe("an array-map", () => {
  const once = [{ source: 0 }, { source: 1 }];
  // Each of them is in the module's memory; both are the same bytes.
  const halves = once.map(({ source }) => ({ source, length: limits.outputBytesMax.default / 2 + 1 }));

  test("may give what it should", async () => {
    const transform = await openGuest(expansionOf([4, 2], [{ source: 0 }, { source: 0, length: 2 }]));
    const batch = Batch.of(frameOf(["one", "two"]));
    transform.process(batch);
    expect([texts(batch), batch.originOf(1)]).toEqual([["made", "ma"], 0]);
    expect(transform.counts).toMatchObject({ records: 2, expanded: 1, emitted: 2, dropped: 1 });
  });

  test.each([
    ["a verdict of another kind", expansionOf([1, 4], once), "record 0 of the batch has the verdict 1"],
    ["a verdict that is left out", expansionOf([4, 0], once), "record 1 of the batch has the verdict 0"],
    [
      "expanded to nothing",
      expansionOf([4, 4], [{ source: 0 }]),
      "record 1 of the batch is said to be expanded",
    ],
    ["dropped but emitted", expansionOf([2, 4], once), "record 0 of the batch was dropped, but 1 records"],
    ["failed without a text", expansionOf([5, 4], [{ source: 1 }]), "failed with 0 entries instead of one"],
    [
      "failed with two",
      expansionOf([5, 4], [{ source: 0 }, ...once]),
      "failed with 2 entries instead of one",
    ],
    ["sources out of order", expansionOf([4, 4], [{ source: 1 }, { source: 0 }]), "said to be expanded"],
    ["a source that is not there", expansionOf([4, 4], [...once, { source: 2 }]), "names the source 2"],
    ["more than there is room for", expansionOf([4, 4], once, 1_000_000), "emitted 1000000 records"],
    [
      "without a value",
      expansionOf([4, 4], [{ source: 0, change: 0x20 }, once[1] as Emitted]),
      "without a value",
    ],
    [
      "a value outside of its memory",
      expansionOf([4, 4], [{ source: 0, at: 0x7fffffff }, ...once.slice(1)]),
      "value",
    ],
    [
      "headers that are none",
      expansionOf([4, 4], [{ source: 0, change: 0x90 }, ...once.slice(1)]),
      "header block",
    ],
  ])("is refused with %s", async (_name, parts, message) => {
    await expectNonsense(parts, message);
  });

  test("outputBytesMax: of which more is made in all than may be is failed from there on", async () => {
    const transform = await openGuest({ ...expansionOf([4, 4], halves), memory: "600" });
    const batch = run(transform, ["one", "two"]);
    expect([batch.count, batch.failures]).toMatchObject([
      1,
      [{ origin: 1, code: "module.record", message: expect.stringContaining("does not fit") as string }],
    ]);
    expect(transform.counts).toMatchObject({ expanded: 1, failed: 1, renewals: 0 });
  });

  test("that emits without finishing a record is refused", async () => {
    const parts = expansionOf([], [{ source: 0 }]);
    await expectNonsense(parts, "is not finished, but something was emitted");
  });
});

describe("an accumulator", () => {
  const aggregate = (at: number, bytes: number): GuestParts => ({
    transform: "aggregate",
    memory: "64",
    record: `${store("accumulatorAt", at)} ${store("accumulatorBytes", bytes)} (i32.const 1)`,
  });

  test("outside of the module's memory is refused", async () => {
    await expectNonsense(aggregate(64 * 65_536 - 1, 2), "accumulator of 2 bytes");
    await expectNonsense(aggregate(0xfffffff0 | 0, 0x20), "outside of its memory");
  });

  test("accumulatorBytesMax: one byte more than the limit is refused, as what it begins with too", async () => {
    const most = limits.accumulatorBytesMax.default;
    const message = `has let its accumulator grow to ${most + 1} bytes, and ${most} is the limit`;
    await expectNonsense(aggregate(65_536, most + 1), message);
    const module = await guestModule(aggregate(65_536, most));
    await expect(openChain([{ module, accumulator: new Uint8Array(most + 1) }])).rejects.toMatchObject({
      code: "module.init",
      message: expect.stringContaining(`${most + 1} bytes`),
    });
    await openChain([{ module, accumulator: new Uint8Array(most) }]);
  });
});

describe("the log of a module", () => {
  const logging = (bytes: number, data: string, at = dataAt): GuestParts => ({
    data,
    memory: "64",
    record: `${store("logAt", at)} ${store("logBytes", bytes)} (i32.const 1)`,
  });
  const line = (level: number, length: number): string =>
    `\\0${level}\\00\\00\\00\\${length.toString(16).padStart(2, "0")}\\00\\00\\00`;

  test.each([
    ["ends within a line", logging(4, line(1, 0)), "ends within a line, at byte 0"],
    ["has a line longer than itself", logging(12, `${line(1, 5)}hello`), "a line of its log has 5 bytes"],
    ["has a level that is none", logging(8, line(4, 0)), "has the level 4"],
    ["lies outside of memory", logging(16, "", 0xffff_fff8 | 0), "lies outside of its memory"],
  ])("is refused when it %s", async (_name, parts, message) => {
    await expectNonsense(parts, message);
  });

  test("moduleLogBytesMax: a log of the limit is read, one that is longer is refused", async () => {
    const most = limits.moduleLogBytesMax.default;
    // Memory is all zeros there: lines of level error without a text, 8 bytes each.
    const lines: ModuleLogLine[] = [];
    const module = await guestModule(logging(most, "", 60 * 65_536));
    const { process } = await openChain([{ module }], { log: (each) => lines.push(each) });
    process(Batch.of(frameOf(["one"])));
    // All were read, and as many are handed on as a batch may log, with what is said of the others.
    const shown = limits.moduleLogLinesMax.default;
    expect(lines).toHaveLength(shown + 1);
    expect(lines.at(-1)?.text).toMatch(new RegExp(`^${most / 8 - shown} more lines were logged`));
    await expectNonsense(logging(most + 8, "", 60 * 65_536), `${most + 8} bytes, and ${most} is the limit`);
  });

  test("tells how many lines were lost", async () => {
    const lines: string[] = [];
    const module = await guestModule({ record: `${store("logLost", 3)} (i32.const 1)` });
    const { process } = await openChain([{ module }], { log: ({ text }) => lines.push(text) });
    process(Batch.of(frameOf(["one"])));
    process(Batch.of(frameOf([])));
    expect(lines).toEqual([expect.stringMatching(/^3 more lines were logged for this batch and are lost;/)]);
  });
});
