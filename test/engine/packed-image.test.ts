import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pageBytes, type WasmInstance, webAssembly } from "../../src/base/index.ts";
import type { PackedGuest } from "../../src/engine/abi/packed/guest.ts";
import { InstanceImage } from "../../src/engine/abi/packed/image.ts";
import { openChain, type Transform } from "../../src/engine/index.ts";
import { limits } from "../../src/limits.ts";
import { type GuestParts, guestModule } from "../support/guests.ts";
import { texts } from "../support/records.ts";
import { compileWat } from "../support/wat.ts";
import { run } from "./run.ts";

/*
 * After a trap an instance is put back to what it was when it was new, where the module's memory and globals are all that can
 * change, and its memory has not grown. Otherwise a new one is made. Records cannot tell which.
 */

let instances = 0;
const { Instance } = webAssembly;
const counted = new Proxy(Instance, {
  construct(target, given) {
    const made: WasmInstance = Reflect.construct(target, given);
    // Each instance has a tank of its own beside it.
    if ("millrace_packed_1" in made.exports) instances++;
    return made;
  },
});
beforeEach(() => {
  Object.assign(webAssembly, { Instance: counted });
});
afterEach(() => {
  Object.assign(webAssembly, { Instance });
});

async function open(parts: GuestParts, given: { readonly stateful?: boolean } = {}): Promise<Transform> {
  const chain = await openChain([{ module: await guestModule(parts), ...given }]);
  return chain.transforms[0] as Transform;
}

/** Makes a mess at a record that begins with "!", and traps; fails each record that finds a mess. */
function messy(make: string, find: string, extra = ""): GuestParts {
  return {
    extra,
    record: `
      (if ${find} (then (return (i32.const 4))))
      (if (i32.eq (call $firstByte (local.get $i)) (i32.const 33)) (then ${make} (unreachable)))
      (i32.const 1)`,
  };
}

const values = Array.from({ length: 100 }, (_, i) => (i % 10 === 9 ? "!" : `v${i}`));
const clean = values.filter((value) => value !== "!");

/** Runs batches with 10 traps in each, and gives how many instances were made for them. */
async function instancesFor(parts: GuestParts, batches = 5): Promise<number> {
  const transform = await open(parts);
  instances = 0;
  for (let batch = 0; batch < batches; batch++) {
    const done = run(transform, values);
    expect(texts(done)).toEqual(clean);
    expect(done.failures.map(({ code }) => code)).toEqual(Array(10).fill("module.trap"));
  }
  return instances;
}

describe("an instance is put back after a trap", () => {
  test.each([
    ["memory", "(i32.store8 (i32.const 3000) (i32.const 1))", "(i32.load8_u (i32.const 3000))", ""],
    [
      "data",
      "(i32.store8 (i32.const 3000) (i32.const 1))",
      "(i32.ne (i32.load8_u (i32.const 3000)) (i32.const 97))",
      '(data (i32.const 3000) "a")',
    ],
    [
      "a region",
      "(i32.store8 offset=4000 (call $outputAt) (i32.const 1))",
      "(i32.load8_u offset=4000 (call $outputAt))",
      "",
    ],
    [
      "a global",
      "(global.set $mess (i32.const 1))",
      "(global.get $mess)",
      "(global $mess (mut i32) (i32.const 0))",
    ],
    [
      "a global of 64 bits",
      "(global.set $mess (i64.const -1))",
      "(i64.ne (global.get $mess) (i64.const 7))",
      "(global $mess (mut i64) (i64.const 7))",
    ],
  ])("and nothing is left in it of the old state: %s", async (_, make, find, extra) => {
    // The first one is lost with the whole batch in it, and the second one shows how much room there should be.
    expect(await instancesFor(messy(make, find, extra))).toBeLessThanOrEqual(3);
  });

  test("after its initialisation, which is not done again", async () => {
    const init = `(i32.store8 (i32.const 3000) (i32.const 5)) (i32.const 0)`;
    const parts = messy(
      "(i32.store8 (i32.const 3000) (i32.const 1))",
      "(i32.ne (i32.load8_u (i32.const 3000)) (i32.const 5))",
    );
    expect(await instancesFor({ ...parts, init })).toBeLessThanOrEqual(3);
  });
});

describe("a new instance is made after each trap", () => {
  const traps = 5 * 10;

  test.each([
    [
      "table.set",
      "(table.set $t (i32.const 0) (ref.func $f))",
      "(i32.eqz (ref.is_null (table.get $t (i32.const 0))))",
    ],
    [
      "table.fill",
      "(table.fill $t (i32.const 0) (ref.func $f) (i32.const 1))",
      "(i32.eqz (ref.is_null (table.get $t (i32.const 0))))",
    ],
    [
      "table.grow",
      "(drop (table.grow $t (ref.func $f) (i32.const 1)))",
      "(i32.ne (table.size $t) (i32.const 2))",
    ],
    [
      "table.init",
      "(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1))",
      "(i32.eqz (ref.is_null (table.get $t (i32.const 0))))",
    ],
    [
      "table.copy",
      "(table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 1))",
      "(i32.eqz (ref.is_null (table.get $t (i32.const 0))))",
    ],
    ["a global of a fraction", "(global.set $g (f64.const 1))", "(f64.ne (global.get $g) (f64.const 0))"],
    ["a global of a reference", "(global.set $r (ref.func $f))", "(i32.eqz (ref.is_null (global.get $r)))"],
  ])("of a module that can change more: %s", async (name, make, find) => {
    const globals = name.startsWith("a global")
      ? "(global $g (mut f64) (f64.const 0)) (global $r (mut funcref) (ref.null func))"
      : "";
    const extra = `(table $t 2 funcref) (elem (table $t) (i32.const 1) func $f) (elem $e func $f) (func $f) ${globals}`;
    expect(await instancesFor(messy(make, find, extra))).toBeGreaterThan(traps);
  });

  test.each([
    [
      "data.drop",
      "(data.drop $d)",
      '(data $d "ab")',
      "(memory.init $d (i32.const 3000) (i32.const 0) (i32.const 1))",
    ],
    ["elem.drop", "(elem.drop $e)", "(table $t 2 funcref) (func $f) (elem $e func $f)", ""],
  ])("of a module that can drop a segment: %s", async (_, make, extra, use) => {
    // A record that used what was dropped would trap, and fail.
    expect(await instancesFor(messy(make, `${use} (i32.const 0)`, extra))).toBeGreaterThan(traps);
  });

  test("where memory has grown in it", async () => {
    const parts = messy(
      "(drop (memory.grow (i32.const 1)))",
      "(i32.ne (memory.size) (global.get $pages))",
      "(global $pages (mut i32) (i32.const 0))",
    );
    const sized = "(global.set $pages (memory.size))";
    // The size is noted by each call, and must not change but in the record that traps.
    const record = `(if (i32.eqz (global.get $pages)) (then ${sized})) ${parts.record}`;
    expect(await instancesFor({ ...parts, record })).toBeGreaterThan(traps);
  });

  test("of an aggregate, which begins with what was added up", async () => {
    const parts = messy("", "(i32.const 0)");
    expect(await instancesFor({ ...parts, transform: "aggregate" })).toBeGreaterThan(traps);
  });
});

test("instanceImageBytesMax: of a larger instance there is no image", async () => {
  const { default: most } = limits.instanceImageBytesMax;
  const guest = { room: { regions: {}, answerRoom: 0, columnRoom: 0 } } as unknown as PackedGuest;
  const imageOf = async (pages: number): Promise<InstanceImage | undefined> => {
    const bytes = await compileWat(`(module (memory (export "memory") ${pages}))`);
    return InstanceImage.of(
      new webAssembly.Instance(new webAssembly.Module(bytes), {}) as WasmInstance,
      guest,
    );
  };
  expect(await imageOf(most / pageBytes)).toBeInstanceOf(InstanceImage);
  expect(await imageOf(most / pageBytes + 1)).toBeUndefined();
});
