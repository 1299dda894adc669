import fc from "fast-check";
import { expect, test } from "vitest";
import { control } from "../../src/engine/abi/packed/layout.ts";
import { type Caretaker, openChain, type PartOfRecord } from "../../src/engine/index.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { controlAt, type GuestParts, guestModule } from "../support/guests.ts";
import { texts } from "../support/records.ts";

/*
 * Guests of every kind whose records say what is to be done with them, and the same in plain JavaScript. The first byte of a value:
 *
 *   0 1 2   the step with this number traps, once it has written half of its answer
 *   x y z   the step with this number, counted from x, does not end
 *   d       dropped by those who may
 *   f       failed, with the value as text
 *   others  filter: kept; map, filter-map: "]" is put behind it; array-map: twice; aggregate: the first byte, and "A" + how many
 *           records it has seen, up to 25
 */

const kinds = ["filter", "map", "filter_map", "array_map", "aggregate"] as const;
type Kind = (typeof kinds)[number];

/** How a module keeps its cursor: as it should, never, one ahead of what is finished, or always at the last record. */
const cursors = ["kept", "absent", "ahead", "last"] as const;
type Cursor = (typeof cursors)[number];

interface Step {
  readonly kind: Kind;
  readonly cursor: Cursor;
  /** Makes it return early now and then. */
  readonly isShort: boolean;
}

const accumulatorAt = 8192;
const cell = (name: keyof typeof control): string => `(i32.const ${controlAt + control[name] * 4})`;
const code = (letter: string): number => letter.charCodeAt(0);
const when = (letter: string, then: string): string =>
  `(if (i32.eq (local.get $letter) (i32.const ${code(letter)})) (then ${then}))`;
const [at, length] = ["(call $valueAt (local.get $i))", "(call $valueLength (local.get $i))"];

/** Takes room and traps or loops when it is asked to, having written to the answer. */
function badEnds(kind: Kind, step: number): string {
  const index = kind === "array_map" ? "(global.get $e)" : "(local.get $i)";
  const scribble = `(call $setValue ${index} (i32.const 1) (i32.const 2))
    (global.set $sum (i32.add (global.get $sum) (i32.const 7)))`;
  return `${when(String(step), `${scribble} (unreachable)`)}
    ${when("xyz"[step] as string, `${scribble} (loop $again (br $again))`)}`;
}

const emit = `(call $set (call $valuesAt) (global.get $e) ${at} ${length})
  (i32.store (i32.add (i32.load ${cell("sourcesAt")}) (i32.mul (global.get $e) (i32.const 4))) (local.get $i))
  (i32.store8 (i32.add (i32.load ${cell("changesAt")}) (global.get $e)) (i32.const 16))
  (global.set $e (i32.add (global.get $e) (i32.const 1)))`;
const failed = `(call $setValue (local.get $i) ${at} ${length}) (return (i32.const 5))`;
const dropped = when("d", "(return (i32.const 2))");
const take = (bytes: string): string => `(local.set $made (call $take ${bytes}))
  (if (i32.eqz (local.get $made)) (then (return (i32.const -1))))`;
const append = `${take(`(i32.add ${length} (i32.const 1))`)}
  (memory.copy (local.get $made) ${at} ${length})
  (i32.store8 (i32.add (local.get $made) ${length}) (i32.const ${code("]")}))
  (call $setValue (local.get $i) (local.get $made) (i32.add ${length} (i32.const 1))) (i32.const 19)`;

const works: Readonly<Record<Kind, string>> = {
  filter: `${when("f", failed)} ${dropped} (i32.const 1)`,
  map: `${when("f", failed)} ${append}`,
  filter_map: `${when("f", failed)} ${dropped} ${append}`,
  array_map: `${when("f", `${emit} (i32.store ${cell("emitted")} (global.get $e)) (return (i32.const 5))`)} ${dropped}
    ${emit} ${emit} (i32.store ${cell("emitted")} (global.get $e)) (i32.const 4)`,
  aggregate: `${when("f", failed)} ${take("(i32.const 2)")}
    (global.set $sum (i32.add (global.get $sum) (i32.const 1)))
    (i32.store8 (local.get $made) (local.get $letter))
    (i32.store8 offset=1 (local.get $made) (i32.add (i32.const 65) (i32.rem_u (global.get $sum) (i32.const 26))))
    (call $setValue (local.get $i) (local.get $made) (i32.const 2)) (i32.const 19)`,
};

const cursorOf: Readonly<Record<Cursor, string>> = {
  kept: `(i32.store ${cell("cursor")} (local.get $i))`,
  absent: "",
  ahead: `(i32.store ${cell("cursor")} (i32.add (local.get $i) (i32.const 1)))`,
  last: `(i32.store ${cell("cursor")} (i32.sub (call $count) (i32.const 1)))`,
};

function guestOf({ kind, cursor, isShort }: Step, step: number): GuestParts {
  return {
    transform: kind,
    init: `(if (i32.load ${cell("accumulatorBytes")})
      (then (global.set $sum (i32.load (i32.load ${cell("accumulatorAt")}))))) (i32.const 0)`,
    record: `(local $letter i32) (local $made i32) (local.set $letter (call $firstByte (local.get $i)))
      ${badEnds(kind, step)} ${works[kind]}`,
    body: `(local $i i32) (local $code i32)
      (global.set $taken (i32.const 0)) (global.set $e (i32.const 0)) (global.set $capacity (i32.const ${isShort ? 24 : -1}))
      (local.set $i (local.get $first))
      (block $done (loop $next
        (br_if $done (i32.ge_u (local.get $i) (call $count)))
        (local.set $code (call $record (local.get $i)))
        (br_if $done (i32.eq (local.get $code) (i32.const -1)))
        (i32.store8 (i32.add (call $verdictsAt) (local.get $i)) (local.get $code))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        ${cursorOf[cursor]}
        (br $next)))
      (i32.store (i32.const ${accumulatorAt}) (global.get $sum))
      (i32.store ${cell("accumulatorAt")} (i32.const ${accumulatorAt}))
      (i32.store ${cell("accumulatorBytes")} (i32.const 4))
      (local.get $i)`,
    extra: "(global $e (mut i32) (i32.const 0)) (global $sum (mut i32) (i32.const 0))",
  };
}

interface Plain {
  readonly value: string;
  readonly origin: number;
}
type Failure = readonly [origin: number, by: string, code: string];

/** What a caretaker refuses, where a batch has one. */
const isRefused = ({ origin, part }: PartOfRecord, step: number): boolean =>
  step > 0 && origin % 3 === 1 && part === step - 1;

/** A caretaker that expects to be told of one record after another, from the first part of each to the last. */
function careful(step: number): Caretaker {
  let inHand: PartOfRecord | undefined;
  let last: PartOfRecord = { origin: -1, part: 0 };
  return {
    begin(record) {
      expect(inHand).toBeUndefined();
      inHand = record;
      expect(record.origin > last.origin || (record.origin === last.origin && record.part >= last.part)).toBe(
        true,
      );
      last = record;
    },
    end() {
      expect(inHand).toBeDefined();
      inHand = undefined;
    },
    refusal: (record) =>
      isRefused(record, step) ? { code: "module.deadline", message: "never again" } : undefined,
  };
}

/**
 * What the steps make of a batch, with the sum of an aggregate in `sums` from one batch to the next.
 * @param isCared whether it has a caretaker
 */
function plainly(
  steps: readonly Step[],
  values: readonly string[],
  isCared: boolean,
  sums: number[],
): [string[], Failure[]] {
  let records: Plain[] = values.map((value, origin) => ({ value, origin }));
  const failures: Failure[] = [];
  steps.forEach(({ kind }, step) => {
    let [lastOrigin, part] = [-1, 0];
    records = records.flatMap((record): Plain[] => {
      const { value, origin } = record;
      part = origin === lastOrigin ? part + 1 : 0;
      lastOrigin = origin;
      const letter = value[0];
      const fail = (reason: string): Plain[] => {
        failures.push([origin, `step${step}`, reason]);
        return [];
      };
      if (isCared && isRefused({ origin, part }, step)) return fail("module.deadline");
      if (letter === String(step)) return fail("module.trap");
      if (letter === "xyz"[step]) return fail("module.fuel");
      if (letter === "f") return fail("module.record");
      if (letter === "d" && kind !== "map" && kind !== "aggregate") return [];
      if (kind === "filter") return [record];
      if (kind === "array_map") return [record, record];
      if (kind !== "aggregate") return [{ origin, value: `${value}]` }];
      sums[step] = (sums[step] ?? 0) + 1;
      return [{ origin, value: `${letter}${String.fromCharCode(65 + ((sums[step] as number) % 26))}` }];
    });
  });
  return [records.map(({ value }) => value), failures];
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...kinds),
  cursor: fc.oneof(
    { weight: 2, arbitrary: fc.constant("kept" as const) },
    { weight: 1, arbitrary: fc.constantFrom(...cursors) },
  ),
  isShort: fc.boolean(),
});
const anyLetter = fc.constantFrom(..."aaabbkdf012xyz");
const anyValue = fc.tuple(anyLetter, fc.constantFrom("", "1", "longer")).map((parts) => parts.join(""));
const anyBatch = fc.oneof(
  fc.array(anyValue, { minLength: 1, maxLength: 40 }),
  // At one end, at the other, and nothing else.
  fc.constantFrom(["0", "a", "b"], ["a", "b", "0"], ["0", "0", "0"], ["0"], ["x", "x"], ["a", "1", "2"]),
);

test("records that trap are failed, and what becomes of the others is the same as without them", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStep, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(anyBatch, fc.boolean()), { minLength: 1, maxLength: 3 }),
      async (steps, batches) => {
        const chain = await openChain(
          await Promise.all(
            steps.map(async (step, index) => ({
              module: await guestModule(guestOf(step, index), `step${index}`),
              fuelPerRecord: 5000,
            })),
          ),
        );
        const sums: number[] = [];
        for (const [values, isCared] of batches) {
          const batch = Batch.of(frameOf(values));
          for (const [step, transform] of chain.transforms.entries()) {
            transform.process(batch, isCared ? careful(step) : undefined);
          }
          const failures = batch.failures.map(({ origin, by, code }): Failure => [origin, by, code]);
          expect([texts(batch), failures]).toEqual(plainly(steps, values, isCared, sums));
        }
        chain.transforms.forEach((transform, step) => {
          const { accumulator = new Uint8Array(0) } = { accumulator: transform.accumulator() };
          if (sums[step] !== undefined) expect(new Uint32Array(accumulator.buffer)[0]).toBe(sums[step]);
        });
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);

test("a cursor that always names the last record costs a few calls, not one for each record", async () => {
  for (const kind of kinds) {
    const module = await guestModule(guestOf({ kind, cursor: "last", isShort: false }, 0));
    const chain = await openChain([{ module }]);
    const batch = Batch.of(frameOf(["a", "0", ...Array.from({ length: 198 }, () => "a")]));
    chain.process(batch);
    expect(batch.failures.map(({ origin }) => origin)).toEqual([1]);
    expect(chain.transforms[0]?.counts.calls).toBeLessThan(60);
  }
});
