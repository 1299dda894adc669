import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { guestLimits } from "../../src/engine/guest-limits.ts";
import {
  type GuestLimits,
  loadModule,
  type ModuleLogLine,
  openChain,
  type Transform,
} from "../../src/engine/index.ts";
import { MillraceError } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { fluvioModule } from "../support/fluvio.ts";
import { type GuestParts, guestWat, store } from "../support/guests.ts";
import { texts } from "../support/records.ts";
import { compileWat } from "../support/wat.ts";
import { referenceMap } from "./reference-guests.ts";
import { expectFailure, run } from "./run.ts";

async function open(parts: GuestParts, given: Partial<GuestLimits> = {}): Promise<Transform> {
  const module = await loadModule(await compileWat(guestWat(parts)), "guest", given);
  return (await openChain([{ module }])).transforms[0] as Transform;
}

async function failureOf(opening: Promise<unknown>): Promise<MillraceError> {
  const error: unknown = await opening.catch((reason: unknown) => reason);
  if (!MillraceError.is(error)) throw error;
  return error;
}

const page = 65_536;
/** Takes so many passes of a loop of two instructions. */
const passes = (count: number): string =>
  `(local $n i32) (local.set $n (i32.const ${count}))
   (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))`;

/** Expects that its record, alone in a batch, has run out of so much. */
function expectOutOfFuel(transform: Transform, value: string, fuel: string): void {
  expect(run(transform, [value]).failures).toMatchObject([
    {
      code: "module.fuel",
      message: `ran out of fuel: it had ${fuel} for a batch of 1 record; \`fuel-per-record\` under \`limits:\` says how much`,
    },
  ]);
}

describe("fuel", () => {
  test("fuelPerRecord: what a batch uses is counted, and exactly that much is enough", async () => {
    const values = ["bb", "p", "k", "b12345"];
    const first = await open(referenceMap(8));
    run(first, values);
    const { fuel, calls } = first.counts;
    expect([fuel > 100, calls > 1]).toEqual([true, true]);
    const enough = Math.ceil(fuel / values.length);
    const tight = await open(referenceMap(8), { fuelPerRecord: enough });
    expect(texts(run(tight, values))).toEqual(["[bb]", "", "k", "[b12345]"]);
    // It begins anew with each batch.
    run(tight, values);
    expect(tight.counts.fuel).toBe(fuel * 2);
    const keeping = { ...referenceMap(8), init: `${store("flags", 1)} (i32.const 0)` };
    const short = await open(keeping, { fuelPerRecord: enough - 1 });
    expectFailure(
      () => run(short, values),
      "module.fuel",
      `guest ran out of fuel: it had ${(enough - 1) * 4} for a batch of 4 records`,
    );
    expect(limits.fuelPerRecord.default).toBeGreaterThan(enough);
  });

  test("can be another one for a step of a chain", async () => {
    const module = await loadModule(await compileWat(guestWat({})), "guest");
    const chain = await openChain([{ module, fuelPerRecord: 5 }, { module }]);
    expectOutOfFuel(chain.transforms[0] as Transform, "a", "5");
    run(chain.transforms[1] as Transform, ["a"]);
  });

  test("is shared by the records of a batch", async () => {
    const given = { fuelPerRecord: 3000 };
    const transform = await open({ record: `${passes(1000)} (i32.const 1)` }, given);
    expectOutOfFuel(transform, "a", "3000");
    const busyOnce = `(if (i32.eqz (local.get $i)) (then (call $busy))) (i32.const 1)`;
    const shared = await open({ record: busyOnce, extra: `(func $busy ${passes(1000)})` }, given);
    expect(run(shared, ["a", "b", "c"]).count).toBe(3);
  });

  test("comes with bytes as well: each 4096 give what a record gives", async () => {
    const transform = await open({ record: "(i32.const 1)" }, { fuelPerRecord: 1 });
    expectOutOfFuel(transform, "a".repeat(4000), "1");
    expectOutOfFuel(transform, "a".repeat(9000), "3");
  });

  test("fuelPerSetup: bounds init and the other calls for no record, each by itself", async () => {
    const parts: GuestParts = { init: `${passes(10_000)} (i32.const 0)` };
    await open(parts, { fuelPerSetup: 61_000 });
    const error = await failureOf(open(parts, { fuelPerSetup: 59_000 }));
    expect([error.code, error.message]).toEqual([
      "module.fuel",
      "guest ran out of fuel: it had 59000 for this call",
    ]);
    expect([error.where, error.category]).toEqual([{ module: "guest", export: "millrace_init" }, "run"]);
    expect(limits.fuelPerSetup.default).toBeGreaterThan(59_000);
  });

  test("is as much for a frame of earlier records as for a batch of them", async () => {
    const extra = `(func (export "millrace_look_back") (result i32) ${passes(1000)} (i32.const 0))`;
    const transform = await open({ extra }, { fuelPerRecord: 4000 });
    expectFailure(
      () => transform.lookBack(Batch.of(frameOf(["a"]))),
      "module.fuel",
      "for a batch of 1 record",
    );
    transform.lookBack(Batch.of(frameOf(["a", "b"])));
    expect(transform.counts.fuel).toBe(0);
  });

  test("can be switched off", async () => {
    const parts: GuestParts = {
      record: `${passes(100_000)} (i32.const 1)`,
      init: `${passes(100_000)} (i32.const 0)`,
    };
    const transform = await open(parts, { fuel: false, fuelPerRecord: 1, fuelPerSetup: 1 });
    expect(run(transform, ["a"]).count).toBe(1);
    expect(transform.counts.fuel).toBe(0);
  });
});

describe("sizes", () => {
  test("memoryBytesMax: a module may begin with so much, and not with more", async () => {
    await open({ memory: "4" }, { memoryBytesMax: 4 * page });
    const error = await failureOf(open({ memory: "5" }, { memoryBytesMax: 5 * page - 1 }));
    expect([error.code, error.category]).toEqual(["module.memory", "config"]);
    const most = limits.memoryBytesMax.default / page;
    await open({ memory: `${most}` });
    expect((await failureOf(open({ memory: `${most + 1}` }))).code).toBe("module.memory");
  });

  test("tableElementsMax: a module may have so many, and not more", async () => {
    const most = limits.tableElementsMax.default;
    await open({ extra: `(table ${most} funcref)` });
    expect((await failureOf(open({ extra: `(table ${most + 1} funcref)` }))).code).toBe("module.memory");
    await open({ extra: "(table 7 funcref)" }, { tableElementsMax: 7 });
    expect((await failureOf(open({ extra: "(table 7 funcref)" }, { tableElementsMax: 6 }))).code).toBe(
      "module.memory",
    );
  });

  test("moduleBytesMax: a file may have so many bytes, and not more", async () => {
    const bytes = await compileWat(guestWat({}));
    await loadModule(bytes, "guest", { moduleBytesMax: bytes.length });
    const error = await failureOf(loadModule(bytes, "guest", { moduleBytesMax: bytes.length - 1 }));
    expect([error.code, error.message]).toEqual([
      "module.too-large",
      `guest has ${bytes.length} bytes, and ${bytes.length - 1} is the limit`,
    ]);
    expect(limits.moduleBytesMax.default).toBeGreaterThan(bytes.length);
  });

  test("a trap says when much of the memory was in use, and whose limit it is", async () => {
    const trapping = async (memory: string, memoryBytesMax: number): Promise<string | undefined> => {
      const record = "(drop (memory.grow (i32.const 20))) (unreachable)";
      const transform = await open({ memory, record }, { memoryBytesMax });
      return run(transform, ["a"]).failures[0]?.message;
    };
    expect(await trapping("120", 160 * page)).toContain(`${160 * page} is the limit; raise \`memory-bytes\``);
    expect(await trapping("120 150", 160 * page)).toContain(`was built for ${150 * page} at most`);
    expect(await trapping("120", 1000 * page)).toBe("trapped: unreachable");
  });
});

const jsonSplit = new URL("../../smartmodules/assemblyscript/json-split/json-split.wasm", import.meta.url);

/** The packed module that splits JSON arrays, with limits. */
async function openSplit(given: Partial<GuestLimits>): Promise<Transform> {
  const chain = await openChain([{ module: await loadModule(readFileSync(jsonSplit), "json-split", given) }]);
  return chain.transforms[0] as Transform;
}

/** A module of Fluvio's fixtures with other limits: they take effect when it is opened. */
async function openFluvioWith(name: string, given: Partial<GuestLimits>, lines: ModuleLogLine[] = []) {
  const module = { ...(await fluvioModule(name)), limits: guestLimits(given) };
  const { transforms } = await openChain([{ module }], { log: (line) => lines.push(line) });
  return transforms[0] as Transform;
}

describe("what is made of records", () => {
  test("recordOutputBytesMax: one record may become so many bytes, and one more fails it alone", async () => {
    const transform = await open(referenceMap(), { recordOutputBytesMax: 6 });
    const batch = run(transform, ["b12", "b123", "b1234", "k", "b1"]);
    expect(texts(batch)).toEqual(["[b12]", "[b123]", "k", "[b1]"]);
    expect(batch.failures).toEqual([
      {
        origin: 2,
        by: "guest",
        code: "module.record",
        message:
          "its output has 7 bytes, and 6 is the limit; `output-bytes-per-record` under `limits:` says how much",
      },
    ]);
    expect(transform.counts).toMatchObject({ records: 5, kept: 1, replaced: 3, failed: 1 });
    expect(limits.recordOutputBytesMax.default).toBe(limits.outputBytesMax.default);
  });

  test("recordOutputBytesMax: holds for all that a record is expanded to, together", async () => {
    const transform = await openSplit({ recordOutputBytesMax: 9 });
    const batch = run(transform, ["[123,456,789]", "[123,456,7890]", "[1]"]);
    expect(texts(batch)).toEqual(["123", "456", "789", "1"]);
    expect(batch.failures).toMatchObject([
      {
        origin: 1,
        message: expect.stringContaining("its output has 10 bytes, and 9 is the limit") as string,
      },
    ]);
    const fluvio = await openFluvioWith("array-map", { recordOutputBytesMax: 3 });
    const other = run(fluvio, ["[1,2,3]", "[1,2,3,4]"]);
    expect([texts(other), other.failures.map(({ origin }) => origin)]).toEqual([["1", "2", "3"], [1]]);
  });

  test("batchOutputBytesMax: a batch may become so many bytes, and what does not fit is failed", async () => {
    const tight = await open(referenceMap(), { batchOutputBytesMax: 10 });
    expect(texts(run(tight, ["b12", "b12"]))).toEqual(["[b12]", "[b12]"]);
    // It begins anew with each batch, and a record that fits behind one that does not is taken.
    const batch = run(tight, ["b12", "b123", "b1"]);
    expect(texts(batch)).toEqual(["[b12]", "[b1]"]);
    expect(batch.failures).toEqual([
      {
        origin: 1,
        by: "guest",
        code: "module.record",
        message:
          "its output of 6 bytes does not fit: its batch may become 10 bytes in all; `output-bytes-per-batch` under `limits:` " +
          "says how much, and smaller batches (`batch-bytes`) become less",
      },
    ]);
    const split = await openSplit({ batchOutputBytesMax: 4 });
    expect(texts(run(split, ["[1,2]", "[3,4]"]))).toEqual(["1", "2", "3", "4"]);
    const other = run(split, ["[1,2]", "[3,45]", "[6]"]);
    expect([texts(other), other.failures.map(({ origin }) => origin)]).toEqual([["1", "2", "6"], [1]]);
    expect([tight.counts, split.counts]).toMatchObject([{ renewals: 0 }, { renewals: 0 }]);
  });

  test("recordExpansionMax: one record may become so many, and one more fails it alone", async () => {
    const message =
      "it becomes 4 records, and 3 is the limit; `output-records-per-record` under `limits:` says how many";
    for (const transform of [
      await openSplit({ recordExpansionMax: 3 }),
      await openFluvioWith("array-map", { recordExpansionMax: 3 }),
    ]) {
      const batch = run(transform, ["[1,2,3]", "[1,2,3,4]", "[5]"]);
      expect(texts(batch)).toEqual(["1", "2", "3", "5"]);
      expect(batch.failures).toMatchObject([{ origin: 1, code: "module.record", message }]);
      expect(transform.counts).toMatchObject({ records: 3, expanded: 2, emitted: 4, failed: 1 });
    }
    expect(limits.recordExpansionMax.default).toBe(limits.expandedRecordsMax.default);
  });
});

describe("what is logged", () => {
  const logged = "a line for the log";

  test("moduleLogLinesMax: so many lines of a batch are kept, and the others are counted", async () => {
    const lines: ModuleLogLine[] = [];
    const transform = await openFluvioWith("panics-wasi", { logLinesMax: 2 }, lines);
    run(transform, ["log", "log"]);
    expect(lines.map(({ text }) => text)).toEqual([logged, logged]);
    run(transform, ["log", "log", "log"]);
    expect(lines.slice(2).map(({ text }) => text)).toEqual([
      logged,
      logged,
      expect.stringMatching(/^1 more lines were logged .*`log-lines-per-batch`/) as string,
    ]);
    expect(limits.moduleLogLinesMax.default).toBeGreaterThan(2);
  });

  test("moduleLogBytesMax: so many bytes of a batch are kept", async () => {
    const lines: ModuleLogLine[] = [];
    const transform = await openFluvioWith("panics-wasi", { logBytesMax: 2 * (logged.length + 1) }, lines);
    run(transform, ["log", "log"]);
    expect(lines.map(({ text }) => text)).toEqual([logged, logged]);
    const tight: ModuleLogLine[] = [];
    run(await openFluvioWith("panics-wasi", { logBytesMax: logged.length - 1 }, tight), ["log"]);
    expect(tight.map(({ text }) => text)).not.toContain(logged);
    expect(tight.length).toBeGreaterThan(0);
  });

  test("moduleLogBytesMax: a packed module that logs more than a batch may, in one call, is not refused for it", async () => {
    const lines: ModuleLogLine[] = [];
    const record = `${store("logAt", 65_000)} ${store("logBytes", 80)} (i32.const 1)`;
    const module = await loadModule(await compileWat(guestWat({ record, memory: "2" })), "guest", {
      logLinesMax: 3,
      logBytesMax: 1,
    });
    const { transforms } = await openChain([{ module }], { log: (line) => lines.push(line) });
    expect(texts(run(transforms[0] as Transform, ["a"]))).toEqual(["a"]);
    // Ten lines without a text, of which three are kept.
    expect(lines.map(({ text }) => text.replace(/;.*/, ""))).toEqual([
      "",
      "",
      "",
      "7 more lines were logged for this batch and are lost",
    ]);
  });
});
