import { guestWat } from "../support/guests.ts";

/** A map that makes 8 random bytes and the time of the clock of each record, in hexadecimal. */
export const chanceWat: string = guestWat({
  record: `
    (local $at i32) (local $n i32)
    (drop (call $random (i32.const 4096) (i32.const 8)))
    (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 4104)))
    (local.set $at (call $take (i32.const 32)))
    (if (i32.eqz (local.get $at)) (then (return (i32.const -1))))
    (loop $next
      (i32.store8 (i32.add (local.get $at) (local.get $n))
        (call $digit (i32.and (i32.shr_u
          (i32.load8_u (i32.add (i32.const 4096) (i32.shr_u (local.get $n) (i32.const 1))))
          (i32.shl (i32.and (local.get $n) (i32.const 1)) (i32.const 2))) (i32.const 15))))
      (br_if $next (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 32))))
    (call $setValue (local.get $i) (local.get $at) (i32.const 32))
    (i32.const 0x13)`,
  extra: `
    (func $digit (param i32) (result i32)
      (i32.add (local.get 0)
        (select (i32.const 87) (i32.const 48) (i32.gt_u (local.get 0) (i32.const 9)))))`,
}).replace(
  "(module",
  `(module
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))`,
);
