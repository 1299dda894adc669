import { describe, expect, test } from "vitest";
import { describe as describeRecord, kindOf, type Made, madeOf } from "../../../src/devkit/diff/compare.ts";
import { OutputSum } from "../../../src/devkit/diff/output-sum.ts";
import type { TrialRecord } from "../../../src/devkit/index.ts";
import { MillraceError } from "../../../src/errors.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function record(value: string, more: Partial<TrialRecord> = {}): TrialRecord {
  return { value: bytes(value), key: undefined, timestamp: undefined, headers: [], ...more };
}

function made(...output: readonly TrialRecord[]): Made {
  return { fate: output.length === 0 ? "dropped" : "replaced", output, failures: [] };
}

function failed(code: string, text: string, ...output: readonly TrialRecord[]): Made {
  return { fate: "failed", output, failures: [{ code, text }] };
}

const header = (value: Uint8Array) => ({ headers: [{ name: "h", value }] });

describe("what is other about a record", () => {
  const trap = failed("module.trap", "unreachable");
  test.each<[string, Made, Made]>([
    ["same", made(record("a")), made(record("a"))],
    ["same", made(), made()],
    ["same", trap, failed("module.trap", "unreachable")],
    ["added", made(), made(record("a"))],
    ["dropped", made(record("a")), made()],
    ["changed", made(record("a")), made(record("b"))],
    ["changed", made(record("a")), made(record("a"), record("a"))],
    ["changed", failed("module.record", "one", record("a")), failed("module.record", "one", record("b"))],
    ["failsNow", made(), trap],
    ["failsNoLonger", trap, made()],
    ["failsOtherwise", trap, failed("module.fuel", "unreachable")],
    ["failsOtherwise", trap, failed("module.trap", "out of bounds")],
  ])("is told as %s", (kind, old, now) => {
    expect(kindOf(old, now)).toBe(kind);
  });

  test.each<[string, number | null, readonly TrialRecord[], readonly TrialRecord[]]>([
    ["value", 2, [record("abc")], [record("abd")]],
    ["value", 3, [record("abc")], [record("abcd")]],
    ["key", 0, [record("a")], [record("a", { key: bytes("") })]],
    ["timestamp", null, [record("a", { timestamp: 1 })], [record("a", { timestamp: 2 })]],
    ["headers", null, [record("a", header(bytes("1")))], [record("a", header(bytes("2")))]],
    // Both are shown as the sign for what is no text.
    ["headers", null, [record("a", header(Uint8Array.of(0xff)))], [record("a", header(Uint8Array.of(0xfe)))]],
    ["count", null, [record("a")], [record("a"), record("b")]],
    ["order", null, [record("a"), record("b")], [record("b"), record("a")]],
  ])("begins in its %s, at byte %s", (part, byte, old, now) => {
    const [was, is] = [made(...old), made(...now)];
    expect(kindOf(was, is)).toBe("changed");
    const input = { value: bytes("in"), key: undefined, timestamp: undefined, headers: [] };
    expect(describeRecord(7, input, "changed", was, is)).toMatchObject({
      record: 7,
      part,
      byte,
      input: "in",
    });
  });

  test("is shown line by line, without the time that all records were given", () => {
    const input = { value: bytes("in"), key: undefined, timestamp: undefined, headers: [] };
    const old = made(record('{"a":1,"b":2}', { timestamp: 5 }));
    const now = failed("module.record", "no b", record('{"a":1}', { timestamp: 6 }));
    const { diff } = describeRecord(0, input, "failsNow", old, now, 5);
    expect(diff.map(({ sign, text }) => sign + text)).toEqual([
      "+failed: module.record: no b",
      "+time: 1970-01-01T00:00:00.006Z",
      " {",
      '-  "a": 1,',
      '-  "b": 2',
      '+  "a": 1',
      " }",
    ]);
  });

  test("is no name of a version in the text of a failure, unless its author wrote it", () => {
    const failure = {
      step: 0,
      module: "new.wasm",
      code: "module.fuel",
      message: "new.wasm ran out of fuel",
    } as const;
    const outcome = { fate: "failed", output: [], droppedBy: undefined, failures: [failure] } as const;
    expect(madeOf(outcome, "new.wasm", undefined).failures[0]?.text).toBe("the module ran out of fuel");
    const own = { ...outcome, failures: [{ ...failure, code: "module.record" as const }] };
    expect(madeOf(own, "new.wasm", undefined).failures[0]?.text).toBe("new.wasm ran out of fuel");
  });

  test("is what ended the trial, for a record that it did not get to", () => {
    const outcome = { fate: "unsettled", output: [], droppedBy: undefined, failures: [] } as const;
    const ended = new MillraceError("module.trap", "new.wasm trapped: unreachable");
    const now = madeOf(outcome, "new.wasm", ended);
    expect(now.failures).toEqual([{ code: "module.trap", text: "the module trapped: unreachable" }]);
    expect(kindOf(made(record("a")), now)).toBe("failsNow");
    expect(
      kindOf(
        madeOf(outcome, "old.wasm", new MillraceError("module.trap", "old.wasm trapped: unreachable")),
        now,
      ),
    ).toBe("same");
  });
});

test.each([
  ["same", "a b", "a b"],
  ["other order", "a b b", "b a b"],
  ["other records", "a b", "a a b"],
  ["other records", "a a", "b b"],
  ["other records", "ab", "a"],
])("what comes out in all is told as %s", (told, old, now) => {
  const [left, right] = [old, now].map((text) => {
    const sum = new OutputSum();
    sum.add(text.split(" ").map((value) => record(value)));
    return sum;
  });
  expect(left?.compare(right as OutputSum)).toBe(told);
});

test("what comes out of both beside what has moved is part of the order", () => {
  const [old, now] = [new OutputSum(), new OutputSum()];
  // The old one: x a; the new one: a x.
  old.add([record("x")]);
  old.addToBoth(now, [record("a")]);
  now.add([record("x")]);
  expect(old.compare(now)).toBe("other order");
});
