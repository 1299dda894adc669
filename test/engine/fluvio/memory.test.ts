import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type WasmInstance, type WasmMemory, webAssembly } from "../../../src/base/index.ts";
import type { ModuleLogLine } from "../../../src/engine/index.ts";
import { limits } from "../../../src/limits.ts";
import { Batch, frameOf } from "../../../src/record/index.ts";
import { dataAt, type FluvioGuestParts, openFluvio, openFluvioGuest } from "../../support/fluvio.ts";
import { texts } from "../../support/records.ts";
import { run } from "../run.ts";
import { output } from "./reference-codec.ts";

const platform = webAssembly as { Instance: new (...parts: never[]) => WasmInstance };
const original = platform.Instance;
/** Instances that were made in this test. */
let instances: WasmInstance[] = [];

beforeEach(() => {
  instances = [];
  platform.Instance = class extends (original as new (...parts: unknown[]) => object) {
    constructor(...parts: unknown[]) {
      super(...parts);
      if ("alloc" in (this as unknown as WasmInstance).exports)
        instances.push(this as unknown as WasmInstance);
    }
  } as unknown as typeof original;
});

afterEach(() => {
  platform.Instance = original;
});

function memoryBytes(): number {
  const [instance] = instances.slice(-1);
  return (instance?.exports.memory as WasmMemory | undefined)?.buffer.byteLength ?? 0;
}

describe("memory stays as it is over 50 MB of records", () => {
  test.each([
    ...["filter", "filter-wasi", "map", "array-map-wasi"],
    ...["old-filter", "smartstream-filter", "first-filter"],
  ])("%s", async (name) => {
    const transform = await openFluvio(name);
    const opened = instances.length;
    const values = Array.from({ length: 1000 }, (_, i) => `["${`a record, number ${i} `.repeat(10)}"]`);
    const batch = Batch.of(frameOf(values));
    const { frame } = batch;
    const send = (times: number): void => {
      for (let i = 0; i < times; i++) {
        batch.buffer.used = frame.bytes.length;
        transform.process(batch.start(frame));
        expect(batch.count).toBe(1000);
      }
    };
    send(20);
    const before = memoryBytes();
    const batches = Math.ceil(50_000_000 / frame.bytes.length);
    send(batches);
    expect(memoryBytes()).toBe(before);
    expect(before).toBeLessThan(8 * 1024 * 1024);
    expect([instances.length, transform.counts.failed]).toEqual([opened, 0]);
  });
});

describe("an output is freed", () => {
  const answer = output([{ value: new TextEncoder().encode("same"), offsetDelta: 0 }]);
  const at = dataAt + 8;

  /** A module whose output stands behind a note of that number, and that says \`freed\` once it was freed as that size. */
  function noting(header: number, freedBytes: number): FluvioGuestParts {
    const freed = output([{ value: new TextEncoder().encode("free"), offsetDelta: 0 }]);
    const note = [header & 255, (header >> 8) & 255, (header >> 16) & 255, header >>> 24];
    return {
      data: [0, 0, 0, 0, ...note, ...answer, ...freed],
      dealloc: `(func (export "dealloc") (param $at i32) (param $bytes i32)
        (if (i32.ne (local.get $at) (i32.const ${at})) (then (unreachable)))
        (if (i32.ne (local.get $bytes) (i32.const ${freedBytes})) (then (unreachable)))
        (global.set $calls (i32.const 1)))`,
      body: `(if (global.get $calls)
          (then (call $copy (i32.const ${at + answer.length}) (i32.const ${freed.length})))
          (else (call $copy (i32.const ${at}) (i32.const ${answer.length}))))
        (i32.const 1)`,
    };
  }

  const roomy = answer.length * 2 + 64 - ((answer.length * 2 + 64) % 8);
  const tight = Math.ceil((answer.length + 4) / 8) * 8;
  test.each([
    [roomy, 2],
    [roomy, 3],
    [tight, 2],
    [tight, 6],
  ])("as what its allocator has noted: %i bytes, flags %i", async (size, flags) => {
    const lines: ModuleLogLine[] = [];
    const transform = await openFluvioGuest(noting(size | flags, size - 4), { lines });
    expect([...texts(run(transform, ["x"])), ...texts(run(transform, ["x"]))]).toEqual(["same", "free"]);
    expect([lines, instances.length]).toEqual([[], 1]);
  });

  test.each([
    ["not in use", roomy | 1],
    ["too small", (tight - 8) | 3],
    ["too large", (roomy + 8) | 3],
    ["beyond the memory", 0xfffffff8 | 3],
    ["nothing", 0],
  ])("not when the note is one of no allocator: %s", async (_what, header) => {
    const lines: ModuleLogLine[] = [];
    const transform = await openFluvioGuest(noting(header, 0), { lines });
    expect([...texts(run(transform, ["x"])), ...texts(run(transform, ["x"]))]).toEqual(["same", "same"]);
    expect([lines, instances.length]).toEqual([[], 1]);
  });

  test("no more once that has trapped, and no record is failed for it", async () => {
    const lines: ModuleLogLine[] = [];
    const transform = await openFluvioGuest(noting(roomy | 3, 1), { lines });
    for (let i = 0; i < 3; i++) {
      const batch = run(transform, ["x"]);
      expect([texts(batch), batch.failures]).toEqual([["same"], []]);
    }
    expect(instances.length).toBe(2);
    expect(lines).toMatchObject([
      { level: "warn", text: expect.stringContaining("a new instance has taken its place") as string },
    ]);
  });
});

describe("a module whose outputs cannot be freed", () => {
  const answer = output([{ value: new TextEncoder().encode("x"), offsetDelta: 0 }]);
  /** Grows with each call, and says how many an instance had before. */
  const growing = (byteCount: number): FluvioGuestParts => ({
    data: answer,
    body: `(i32.store8 (i32.const ${dataAt + answer.length - 3}) (i32.add (i32.const 48) (global.get $calls)))
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (drop (memory.grow (i32.const ${Math.ceil(byteCount / 65_536)})))
      (call $copy (i32.const ${dataAt}) (i32.const ${answer.length})) (i32.const 1)`,
  });
  const { default: bytesMax } = limits.instanceBytesMax;

  test("is given up at instanceBytesMax where it keeps nothing", async () => {
    const lines: ModuleLogLine[] = [];
    const transform = await openFluvioGuest(growing(bytesMax / 2), { stateful: false, lines });
    expect([1, 2, 3, 4].map(() => texts(run(transform, ["v"]))[0])).toEqual(["0", "1", "0", "1"]);
    expect([instances.length, lines]).toEqual([3, []]);
  });

  test("is kept otherwise, and the log says so once", async () => {
    const lines: ModuleLogLine[] = [];
    const transform = await openFluvioGuest(growing(bytesMax / 2), { lines });
    expect([1, 2, 3].map(() => texts(run(transform, ["v"]))[0])).toEqual(["0", "1", "2"]);
    expect(instances.length).toBe(1);
    expect(lines).toMatchObject([
      { level: "warn", text: expect.stringContaining("its outputs cannot be freed") as string },
    ]);
  });
});
