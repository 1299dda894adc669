import { control } from "../../src/engine/abi/packed/layout.ts";
import type { Module } from "../../src/engine/index.ts";
import { referenceFilter, referenceMap } from "../engine/reference-guests.ts";
import { controlAt, type GuestParts, guestModule } from "../support/guests.ts";

/*
 * Modules in which each record says what is to be done with it. Filter and map are those of the engine's tests.
 *
 *   array-map   x  the digit behind it, modulo 4, is how many records become of it: the value without its first 0, 1, 2 bytes
 *               %  failed                          others  one record, as it is
 *   aggregate   ?  failed, and not added up        others  value ":" sum, as eight hexadecimal digits
 *
 * The sum is of all values so far: times 31, plus each byte.
 */

const cell = (name: keyof typeof control): string => `(i32.const ${controlAt + control[name] * 4})`;
const letterIs = (letter: string): string =>
  `(i32.eq (call $firstByte (local.get $i)) (i32.const ${code(letter)}))`;
const sumAt = 4096;

const arrayMap: GuestParts = {
  transform: "array_map",
  data: "too much",
  body: `
    (local $i i32) (local $n i32) (local $k i32) (local $e i32)
    (local.set $i (local.get $first))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $i) (call $count)))
      (local.set $n (i32.const 1))
      (if (i32.and ${letterIs("x")} (i32.gt_u (call $valueLength (local.get $i)) (i32.const 4)))
        (then (local.set $n (i32.and (i32.load8_u offset=1 (call $valueAt (local.get $i))) (i32.const 3)))))
      (br_if $done (i32.gt_u (i32.add (local.get $e) (local.get $n)) (i32.load ${cell("emittedMax")})))
      (i32.store8 (i32.add (call $verdictsAt) (local.get $i))
        (select (i32.const 5) (select (i32.const 4) (i32.const 2) (local.get $n)) ${letterIs("%")}))
      (local.set $k (i32.const 0))
      (block $emitted (loop $emit
        (br_if $emitted (i32.ge_u (local.get $k) (local.get $n)))
        (i32.store (i32.add (i32.load ${cell("sourcesAt")}) (i32.mul (local.get $e) (i32.const 4))) (local.get $i))
        (i32.store8 (i32.add (i32.load ${cell("changesAt")}) (local.get $e)) (i32.const 0x10))
        (call $setValue (local.get $e) (i32.add (call $valueAt (local.get $i)) (local.get $k))
          (i32.sub (call $valueLength (local.get $i)) (local.get $k)))
        (local.set $e (i32.add (local.get $e) (i32.const 1)))
        (local.set $k (i32.add (local.get $k) (i32.const 1)))
        (br $emit)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (i32.store ${cell("emitted")} (local.get $e))
    (local.get $i)`,
};

export const aggregateParts: GuestParts = {
  transform: "aggregate",
  extra: `
    (global $sum (mut i32) (i32.const 0))
    (global $hasBegun (mut i32) (i32.const 0))
    (func $writeSum (param $at i32)
      (local $shift i32) (local $digit i32)
      (local.set $shift (i32.const 28))
      (loop $next
        (local.set $digit (i32.and (i32.shr_u (global.get $sum) (local.get $shift)) (i32.const 15)))
        (i32.store8 (local.get $at) (i32.add (local.get $digit)
          (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $digit) (i32.const 10)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $shift (i32.sub (local.get $shift) (i32.const 4)))
        (br_if $next (i32.ge_s (local.get $shift) (i32.const 0)))))`,
  record: `
    (local $made i32) (local $k i32) (local $length i32)
    (if (i32.eqz (global.get $hasBegun)) (then
      (global.set $hasBegun (i32.const 1))
      (if (i32.eq (i32.load ${cell("accumulatorBytes")}) (i32.const 4))
        (then (global.set $sum (i32.load (i32.load ${cell("accumulatorAt")})))))))
    (if ${letterIs("?")} (then (call $setValue (local.get $i) (i32.const 0) (i32.const 0)) (return (i32.const 5))))
    (local.set $length (call $valueLength (local.get $i)))
    (local.set $made (call $take (i32.add (local.get $length) (i32.const 9))))
    (if (i32.eqz (local.get $made)) (then (return (i32.const -1))))
    (memory.copy (local.get $made) (call $valueAt (local.get $i)) (local.get $length))
    (global.set $sum (i32.mul (global.get $sum) (i32.const 31)))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $k) (local.get $length)))
      (global.set $sum (i32.add (global.get $sum)
        (i32.load8_u (i32.add (local.get $made) (local.get $k)))))
      (local.set $k (i32.add (local.get $k) (i32.const 1)))
      (br $next)))
    (i32.store8 (i32.add (local.get $made) (local.get $length)) (i32.const ${code(":")}))
    (call $writeSum (i32.add (local.get $made) (i32.add (local.get $length) (i32.const 1))))
    (call $setValue (local.get $i) (local.get $made) (i32.add (local.get $length) (i32.const 9)))
    (i32.store (i32.const ${sumAt}) (global.get $sum))
    (i32.store ${cell("accumulatorAt")} (i32.const ${sumAt}))
    (i32.store ${cell("accumulatorBytes")} (i32.const 4))
    (i32.const 0x13)`,
};

export const stepKinds = ["filter", "map", "array-map", "aggregate"] as const;
export type StepKind = (typeof stepKinds)[number];

const parts: Readonly<Record<StepKind, GuestParts>> = {
  filter: referenceFilter,
  // Little room for output, so that a batch takes several calls now and then.
  map: referenceMap(1000),
  "array-map": arrayMap,
  aggregate: aggregateParts,
};

/** The modules of a simulation: real ones, made once. */
export async function loadGuests(): Promise<Readonly<Record<StepKind, Module>>> {
  const modules = await Promise.all(stepKinds.map((kind) => guestModule(parts[kind], kind)));
  const [filter, map, expanding, adding] = modules as [Module, Module, Module, Module];
  return { filter, map, "array-map": expanding, aggregate: adding };
}

function code(letter: string): number {
  return letter.charCodeAt(0);
}
