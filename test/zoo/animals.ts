import type { ErrorCode } from "../../src/errors.ts";
import type { GuestParts } from "../support/guests.ts";

/** A module that misbehaves, and what must become of it. */
export interface Animal {
  readonly parts: GuestParts;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly fuelPerRecord?: number;
  /** Nothing but its deadline stops it, so it must not be on the pipeline's thread. */
  readonly needsThread?: true;
  /** What ends with it; absent: nothing, only its second record is failed. */
  readonly ends?: "opening" | "batch";
}

const forever = "(loop $again (br $again))";
const isSecond = "(i32.eq (local.get $i) (i32.const 1))";

/** What is done at the second record; the first one is fine. */
const atSecond = (code: string): GuestParts => ({ record: `(if ${isSecond} (then ${code})) (i32.const 1)` });

export const animals: Readonly<Record<string, Animal>> = {
  "loops for ever": {
    parts: atSecond(forever),
    code: "module.fuel",
    message: "ran out of fuel: it had 100000 for a batch of 1 record",
  },
  "loops for ever with calls, and more loops within": {
    parts: atSecond(
      "(loop $again (drop (call $firstByte (i32.const 0))) (loop $inner (br_if $inner (i32.const 0))) (br $again))",
    ),
    code: "module.fuel",
    message: "ran out of fuel: it had",
  },
  "recurses for ever": {
    parts: {
      ...atSecond("(call $deeper (i64.const 1))"),
      extra:
        "(func $deeper (param i64) (call $deeper (i64.add (local.get 0) (i64.const 1))) (global.set $free (i32.const 0)))",
    },
    // Otherwise the stack would be the first to end.
    fuelPerRecord: 1000,
    code: "module.fuel",
    message: "ran out of fuel: it had",
  },
  "calls itself for ever without a stack": {
    parts: { ...atSecond("(call $tail)"), extra: "(func $tail (return_call $tail))" },
    code: "module.fuel",
    message: "ran out of fuel: it had",
  },
  "doubles its work with each of many functions": {
    parts: {
      ...atSecond("(call $twice0)"),
      extra: Array.from({ length: 40 }, (_, i) =>
        i === 39
          ? `(func $twice${i} (global.set $taken (i32.const 1)))`
          : `(func $twice${i} (call $twice${i + 1}) (call $twice${i + 1}))`,
      ).join("\n"),
    },
    code: "module.fuel",
    message: "ran out of fuel: it had",
  },
  "grows its memory for ever": {
    parts: atSecond("(loop $again (drop (memory.grow (i32.const 1))) (br $again))"),
    code: "module.fuel",
    message: "ran out of fuel: it had",
  },
  "traps when it gets no more memory": {
    parts: atSecond(
      "(loop $again (br_if $again (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) (unreachable)",
    ),
    // Memory has its price.
    fuelPerRecord: 300_000,
    code: "module.trap",
    message: "trapped: unreachable; it had 5308416 bytes of memory, and 8388608 is the limit",
  },
  "fills its memory in one instruction": {
    parts: atSecond("(memory.fill (i32.const 0) (i32.const 0) (i32.const -1))"),
    code: "module.fuel",
    message: "ran out of fuel: it had",
  },
  "fills its memory again and again": {
    parts: atSecond(`(loop $again
      (memory.fill (i32.const 0x10000) (i32.const 0) (i32.const 0x10000)) (br $again))`),
    code: "module.fuel",
    message: "ran out of fuel: it had",
  },
  "grows a table for ever": {
    parts: {
      ...atSecond("(loop $again (drop (table.grow $t (ref.null func) (i32.const 100))) (br $again))"),
      extra: "(table $t 0 funcref)",
    },
    code: "module.fuel",
    message: "ran out of fuel: it had",
  },
  "loops for ever in its start function": {
    parts: { extra: `(func $s ${forever}) (start $s)` },
    code: "module.fuel",
    message: "guest ran out of fuel in its start function: it had 1000000 for this call",
    hint: "`fuel-per-setup`",
    ends: "opening",
  },
  "loops for ever when it is asked where its control block is": {
    parts: { mark: `${forever} (i32.const 0)` },
    code: "module.fuel",
    message: "guest ran out of fuel: it had 1000000 for this call",
    ends: "opening",
  },
  "loops for ever at init": {
    parts: { init: `${forever} (i32.const 0)` },
    code: "module.fuel",
    message: "guest ran out of fuel: it had 1000000 for this call",
    ends: "opening",
  },
  "loops for ever with fuel for it": {
    parts: atSecond(forever),
    needsThread: true,
    code: "module.deadline",
    message: "took longer than 500 ms",
  },
  "loops for ever at init with fuel for it": {
    parts: { init: `${forever} (i32.const 0)` },
    needsThread: true,
    code: "module.deadline",
    message: "guest took longer than 500 ms to get ready, and its thread was ended",
    hint: "`deadline` under `limits:`",
    ends: "opening",
  },
  "loops for ever when it reserves memory with fuel for it": {
    parts: { reserve: `${forever} (i32.const 0)` },
    needsThread: true,
    code: "module.deadline",
    message: "guest took longer than 500 ms for a call that is for no record, and its thread was ended",
    ends: "batch",
  },
  "loops for ever when it reserves memory": {
    parts: { reserve: `${forever} (i32.const 0)` },
    code: "module.fuel",
    message: "guest ran out of fuel: it had 1000000 for this call",
    ends: "batch",
  },
};
