import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { utf8 } from "../../src/base/index.ts";
import { buildModule } from "../../src/devkit/index.ts";
import {
  type Chain,
  type ChainStep,
  loadModule,
  type Module,
  type ModuleLogLine,
  openChain,
} from "../../src/engine/index.ts";
import { limits } from "../../src/limits.ts";
import { Batch, frameOf, type RecordInput } from "../../src/record/index.ts";
import { buildMs } from "./built.ts";

/** Modules as authors write them, one of each kind beside filter and map. */
const sources = {
  /** Cuts a value at its commas; a value that begins with an exclamation mark fails. */
  split: `
    import { Record, Slice } from "millrace/assemblyscript";
    const piece = new Slice();
    export function arrayMap(record: Record): void {
      const at = record.value.at, length = record.value.length;
      let from = 0;
      for (let i = 0; i <= length; i++) {
        if (i < length && load<u8>(at + i) != 44) continue;
        piece.set(at + from, i - from);
        if (i > from) {
          const emitted = record.emit(piece);
          if (load<u8>(piece.at) == 75) emitted.setKey("K" + from.toString());
          if (load<u8>(piece.at) == 84) emitted.timestamp = 5;
          if (load<u8>(piece.at) == 88) emitted.removeKey();
          if (load<u8>(piece.at) == 67) record.emitText("copy of " + piece.toString());
          if (load<u8>(piece.at) == 79) { record.output.beginObject().endObject(); record.emitOutput(); }
        }
        from = i + 1;
      }
      if (length > 0 && load<u8>(at) == 33) record.fail("bang");
    }`,
  /** A running sum of whole numbers. */
  sum: `
    import { Accumulator, JsonPath, log, Parameters, Record } from "millrace/assemblyscript";
    const amount = new JsonPath("amount");
    export function init(parameters: Parameters): void { parameters.allow(["say"]); log.debug("open"); }
    export function aggregate(record: Record, total: Accumulator): void {
      total.integer += <i64>record.json(amount).number;
      record.setValue(total.text);
      log.info("now " + total.text);
    }`,
  /** The same with state of its own, which it saves and restores. */
  longest: `
    import { Accumulator, Record } from "millrace/assemblyscript";
    let longest = "";
    export function restore(accumulator: Accumulator): void { longest = accumulator.text; }
    export function save(accumulator: Accumulator): void { accumulator.text = longest; }
    export function aggregate(record: Record, accumulator: Accumulator): void {
      const text = record.value.toString();
      if (text.length > longest.length) longest = text;
      record.setValue(longest);
    }`,
  /** Counts what it was shown before, drops values that begin with d, and changes headers. */
  seen: `
    import { Record, Slice } from "millrace/assemblyscript";
    const yes = Slice.of("yes");
    let seen = 0;
    export const stateful: bool = true;
    export function lookBack(record: Record): void {
      seen++;
      if (record.value.equals("bad")) record.fail("too bad at " + record.offset.toString());
    }
    export function filterMap(record: Record): bool {
      const headers = record.headers;
      if (headers.find("old") >= 0) record.setKey(headers.name(headers.find("old")).toString() + headers.value(headers.find("old")).toString());
      headers.add("seen", yes);
      headers.set("n", record.value);
      headers.remove("old");
      record.setValue(record.value.toString() + seen.toString());
      return !record.value.startsWith("d");
    }`,
};

const modules = new Map<string, Module>();

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-kinds-"));
  try {
    for (const [name, text] of Object.entries(sources)) {
      const source = join(folder, `${name}.ts`);
      await writeFile(source, text);
      const { wasm, warnings } = await buildModule({ source });
      expect(warnings).toEqual([]);
      modules.set(name, await loadModule(wasm, name));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}, buildMs);

function open(
  name: keyof typeof sources,
  step: Omit<ChainStep, "module"> = {},
  lines?: ModuleLogLine[],
): Promise<Chain> {
  const log = lines === undefined ? undefined : (line: ModuleLogLine): void => void lines.push(line);
  return openChain([{ module: modules.get(name) as Module, ...step }], { log });
}

function run(chain: Chain, records: readonly (string | RecordInput)[]): Batch {
  const batch = Batch.of(frameOf(records));
  chain.process(batch);
  return batch;
}

const texts = (batch: Batch): string[] => Array.from(batch, (record) => record.text);
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes);

describe("an array-map", () => {
  test("makes any number of records of each, in order, and copies no part of the record", async () => {
    const chain = await open("split");
    const batch = run(chain, ["a,b,c", "", "!x,y", ",", "d"]);
    expect(texts(batch)).toEqual(["a", "b", "c", "d"]);
    expect(batch.failures).toEqual([{ origin: 2, by: "split", code: "module.record", message: "bang" }]);
    expect(Array.from({ length: batch.count }, (_, i) => batch.originOf(i))).toEqual([0, 0, 0, 4]);
    const { records, expanded, emitted, dropped, failed } = chain.transforms[0]?.counts ?? expect.fail();
    expect({ records, expanded, emitted, dropped, failed }).toEqual({
      records: 5,
      expanded: 2,
      emitted: 4,
      dropped: 2,
      failed: 1,
    });
  });

  test("gives what it makes keys and times, or those of the record", async () => {
    const headers = [{ name: "h", value: utf8("v") }];
    const batch = run(await open("split"), [
      { value: "a,K,T,X", key: "key", timestamp: 9, headers },
      { value: "b", timestamp: 8 },
    ]);
    expect(
      Array.from(batch, (record) => [record.text, text(record.key), record.timestamp, record.headers.length]),
    ).toEqual([
      ["a", "key", 9, 1],
      ["K", "K2", 9, 1],
      ["T", "key", 5, 1],
      ["X", undefined, 9, 1],
      ["b", undefined, 8, 0],
    ]);
  });

  test("may emit texts and JSON that it makes", async () => {
    const batch = run(await open("split"), ["C1,O", "a"]);
    expect(texts(batch)).toEqual(["C1", "copy of C1", "O", "{}", "a"]);
  });

  test("is called again where the host has too little room, once for each record", async () => {
    const chain = await open("split");
    const counts = fc.array(fc.nat(60), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(counts, fc.boolean(), (lengths, isMade) => {
        const value = (i: number, j: number): string => `${isMade && j % 2 === 0 ? "C" : "p"}${i}-${j}`;
        const records = lengths.map((length, i) => Array.from({ length }, (_, j) => value(i, j)).join(","));
        const expected = records.flatMap((record) =>
          record
            .split(",")
            .filter(Boolean)
            .flatMap((each) => (each.startsWith("C") ? [each, `copy of ${each}`] : [each])),
        );
        expect(texts(run(chain, records))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
    const many = Array.from({ length: 100 }, () => "p,".repeat(100));
    const before = chain.transforms[0]?.counts.calls ?? 0;
    expect(run(chain, many).count).toBe(10_000);
    expect((chain.transforms[0]?.counts.calls ?? 0) - before).toBeGreaterThan(1);
  });

  test("expandedRecordsMax: a record that becomes too many fails alone", async () => {
    const most = limits.expandedRecordsMax.default;
    const chain = await open("split");
    expect(run(chain, ["p,".repeat(most)]).count).toBe(most);
    const batch = run(chain, ["a", "p,".repeat(most), "c"]);
    expect(texts(batch)).toEqual(["a", "c"]);
    expect(batch.failures).toMatchObject([{ origin: 1, code: "module.record" }]);
    expect(batch.failures[0]?.message).toContain("does not fit");
  });

  test("runs in a chain, before and behind others", async () => {
    const split = { module: modules.get("split") as Module };
    const chain = await openChain([split, { module: modules.get("seen") as Module }, split]);
    const batch = Batch.of(frameOf(["a,b,drop", "c"]));
    chain.process(batch);
    expect(texts(batch)).toEqual(["a0", "b0", "c0"]);
    expect(Array.from({ length: batch.count }, (_, i) => batch.originOf(i))).toEqual([0, 0, 1]);
  });
});

describe("an aggregate", () => {
  test("goes on from what it is given, answers each record, and keeps a failed one out", async () => {
    const lines: ModuleLogLine[] = [];
    const chain = await open("sum", { accumulator: utf8("40") }, lines);
    expect(chain.transforms[0]?.stateful).toBe(true);
    const batch = run(chain, ['{"amount":2}', "nope", '{"amount":5}']);
    expect(texts(batch)).toEqual(["42", "47"]);
    expect(batch.failures).toMatchObject([{ origin: 1, code: "module.record" }]);
    expect(text(chain.transforms[0]?.accumulator())).toBe("47");
    expect(texts(run(chain, ['{"amount":-50}']))).toEqual(["-3"]);
    expect(text(chain.transforms[0]?.accumulator())).toBe("-3");
    expect(lines.map(({ level, text: said }) => `${level} ${said}`)).toEqual([
      "debug open",
      "info now 42",
      "info now 42",
      "info now 47",
      "info now -3",
    ]);
  });

  test("begins at nothing without one, and fails records over one that it cannot use", async () => {
    expect(texts(run(await open("sum"), ['{"amount":1}']))).toEqual(["1"]);
    for (const wrong of ["x", "1.5", "9223372036854775808", "-"]) {
      const batch = run(await open("sum", { accumulator: utf8(wrong) }), ['{"amount":1}']);
      expect(batch.failures[0]?.message).toBe(`the accumulator is no whole number: ${wrong}`);
    }
    const least = await open("sum", { accumulator: utf8("-9223372036854775808") });
    expect(texts(run(least, ['{"amount":0}']))).toEqual(["-9223372036854775808"]);
  });

  test("saves and restores state of its own, in any number of pieces the same", async () => {
    const words = fc.array(fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }), {
      minLength: 1,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(words, fc.nat(30), async (records, cut) => {
        const whole = texts(run(await open("longest"), records));
        const first = await open("longest");
        const before = cut === 0 ? [] : texts(run(first, records.slice(0, cut)));
        const second = await open("longest", {
          accumulator: cut === 0 ? undefined : first.transforms[0]?.accumulator(),
        });
        const behind = cut >= records.length ? [] : texts(run(second, records.slice(cut)));
        expect([...before, ...behind]).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  test("accumulatorBytesMax: may grow to the limit and not over it", async () => {
    const most = limits.accumulatorBytesMax.default;
    const chain = await open("longest");
    run(chain, ["v".repeat(most)]);
    const held = chain.transforms[0]?.accumulator();
    expect(held?.length).toBe(most);
    const longer = run(chain, ["v".repeat(most + 1), "short"]);
    expect(longer.failures).toMatchObject([{ origin: 0, code: "module.answer" }]);
    expect([longer.count, chain.transforms[0]?.accumulator()]).toEqual([1, held]);
    await expect(open("longest", { accumulator: new Uint8Array(most + 1) })).rejects.toMatchObject({
      code: "module.init",
    });
    expect(texts(run(await open("longest", { accumulator: held }), ["short"]))[0]).toHaveLength(most);
  });
});

describe("a filter-map, and looking back", () => {
  test("drops, changes values, keys and headers", async () => {
    const chain = await open("seen");
    const headers = [
      { name: "old", value: utf8("1") },
      { name: "z", value: utf8("2") },
      { name: "z", value: utf8("3") },
      { name: "n", value: utf8("4") },
    ];
    const batch = run(chain, [{ value: "keep", headers }, "drop", "more"]);
    const shown = Array.from(batch, (record) => [
      record.text,
      text(record.key),
      record.headers.map((each) => `${each.name}=${text(each.value)}`).join(),
    ]);
    expect(shown).toEqual([
      ["keep0", "old1", "z=2,z=3,seen=yes,n=keep"],
      ["more0", undefined, "seen=yes,n=more"],
    ]);
    expect(chain.transforms[0]?.counts).toMatchObject({ replaced: 2, dropped: 1 });
  });

  test("sees earlier records first, which stay as they are", async () => {
    const chain = await open("seen");
    const [transform = expect.fail()] = chain.transforms;
    expect(transform.looksBack).toBe(true);
    const earlier = Batch.of(frameOf(["x", "y"]));
    transform.lookBack(earlier);
    expect(texts(earlier)).toEqual(["x", "y"]);
    transform.lookBack(Batch.of(frameOf(["z"])));
    expect(texts(run(chain, ["v"]))).toEqual(["v3"]);
    expect(() => transform.lookBack(Batch.of(frameOf(["x", "bad"], { offset: 7 })))).toThrow(
      expect.objectContaining({
        code: "module.look-back",
        message: expect.stringContaining("too bad at 8") as string,
      }),
    );
  });

  test("a module that does not look back is shown nothing", async () => {
    const chain = await open("split");
    expect(chain.transforms[0]?.looksBack).toBe(false);
    chain.transforms[0]?.lookBack(Batch.of(frameOf(["x"])));
    expect(chain.transforms[0]?.accumulator()).toBeUndefined();
  });
});

test("log lines that find no room are counted", async () => {
  const lines: ModuleLogLine[] = [];
  const chain = await open("sum", {}, lines);
  run(
    chain,
    Array.from({ length: 5000 }, () => '{"amount":1}'),
  );
  const lost = lines.pop();
  expect(lost?.level).toBe("warn");
  expect(Number(/^\d+/.exec(lost?.text ?? "")?.[0]) + lines.length - 1).toBe(5000);
});
