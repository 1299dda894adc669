import type { ErrorCode } from "../../src/errors.ts";
import { type GuestParts, store } from "../support/guests.ts";

/*
 * All the ways to misbehave that are thought of, and where each is kept. "Here" are animals.ts, of the packed ABI, and
 * fluvio-animals.ts, with the exports of Fluvio's; "packed" and "fluvio" are one of the two.
 *
 *   traps on the n-th record, on each         here; test/engine/random-traps.test.ts, test/engine/fluvio/traps.test.ts
 *   loops, in any call                        here
 *   recurses, doubles its work                here, packed
 *   grows memory or tables for ever           here
 *   fills a gigabyte in one instruction       here
 *   answers nonsense, for one or for all      here; test/engine/packed-nonsense.test.ts, test/engine/fluvio/nonsense.test.ts
 *   lies about lengths, counts and verdicts   here; test/engine/hostile-answers.test.ts, test/engine/fluvio/hostile.test.ts
 *   spans and outputs outside of memory       here; the same
 *   a million spans on one megabyte           here, packed
 *   sources or offset deltas out of order     here, fluvio; test/engine/hostile-kinds.test.ts, the same
 *   scribbles over its input                  here; test/engine/packed-trap.test.ts
 *   moves the cursor wrongly                  here, packed; test/engine/random-traps.test.ts
 *   keeps state and does not say so           here, packed; test/engine/fluvio/traps.test.ts
 *   consumes nothing, hands nothing over      here
 *   gives a status that there is not          here, fluvio
 *   floods the log or its error output        here; test/engine/guest-limits.test.ts, which is both
 *   alloc or dealloc that trap or lie         here, fluvio; test/engine/fluvio/memory.test.ts
 *   a start function that traps or loops      here
 *   a wrong version, a huge data segment      here, packed
 *   malformed binaries of each section        test/engine/rewrite/malformed.test.ts, test/engine/load.test.ts
 */

/** What must become of a module that misbehaves. */
export interface Misbehaviour {
  readonly code: ErrorCode;
  readonly message: string;
  /** Which of the records a, b and c it costs; absent: the second one. */
  readonly fails?: readonly number[];
  readonly hint?: string;
  readonly fuelPerRecord?: number;
  /** Nothing but its deadline stops it, so it must not be on the pipeline's thread. */
  readonly needsThread?: true;
  /** What a batch may become, where it is less than usual. */
  readonly batchOutputBytesMax?: number;
  /** What ends with it; absent: nothing, only some records are failed. */
  readonly ends?: "loading" | "opening" | "batch";
}

/** A module of the packed ABI that misbehaves, and what must become of it. */
export interface Animal extends Misbehaviour {
  readonly parts: GuestParts;
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
  "traps on its second record": {
    parts: atSecond("(unreachable)"),
    code: "module.trap",
    message: "trapped: unreachable",
  },
  "traps on each record": {
    parts: { record: "(unreachable)" },
    code: "module.trap",
    message: "trapped: unreachable",
    fails: [0, 1, 2],
  },
  "keeps state without saying so, and traps by it": {
    parts: {
      record: `(global.set $seen (i32.add (global.get $seen) (i32.const 1)))
        (if (i32.eq (global.get $seen) (i32.const 2)) (then (unreachable))) (i32.const 1)`,
      extra: "(global $seen (mut i32) (i32.const 0))",
    },
    code: "module.trap",
    message: "",
    fails: [],
  },
  "scribbles over its input, and traps then": {
    parts: {
      record: `(memory.fill (call $valueAt (i32.const 0)) (i32.const 88) (i32.const 3))
        (if ${isSecond} (then (unreachable))) (i32.const 1)`,
    },
    code: "module.trap",
    message: "trapped: unreachable",
  },
  "says that another record is in hand when it traps": {
    parts: atSecond(`${store("cursor", 2)} (unreachable)`),
    code: "module.trap",
    message: "trapped: unreachable",
  },
  "says that a record is in hand that is not there": {
    parts: atSecond(`${store("cursor", -1)} (unreachable)`),
    code: "module.trap",
    message: "trapped: unreachable",
  },
  "finishes no record": {
    parts: { body: "(local.get $first)" },
    batchOutputBytesMax: 1024 * 1024,
    code: "module.record",
    message: "its output does not fit into",
    fails: [0, 1, 2],
  },
  "says that it logged two gigabytes": {
    parts: {
      record: `${store("logAt", 0x1000)} ${store("logBytes", 0x7fff_0000)} (i32.const 1)`,
    },
    code: "module.answer",
    message: "its log has 2147418112 bytes, and 65536 is the limit",
    fails: [0, 1, 2],
  },
  "gives a verdict that there is not": {
    parts: { record: `(select (i32.const 9) (i32.const 1) ${isSecond})` },
    code: "module.answer",
    message: "record 1 of the batch has the verdict 9",
  },
  "says that it has finished more records than there are": {
    parts: { body: "(i32.const 99)" },
    code: "module.answer",
    message: "it says that it finished records up to 99 of",
    fails: [0, 1, 2],
  },
  "gives a length that is not there": {
    parts: {
      record: `(if ${isSecond} (then (call $setValue (local.get $i) (i32.const 0) (i32.const -2)) (return (i32.const 0x13))))
        (i32.const 1)`,
    },
    code: "module.answer",
    message: "has a value of 4294967294 bytes at 0, outside of the module's",
  },
  "points outside of its memory": {
    parts: {
      record: `(if ${isSecond} (then (call $setValue (local.get $i) (i32.const -4096) (i32.const 1)) (return (i32.const 0x13))))
        (i32.const 1)`,
    },
    code: "module.answer",
    message: "has a value of 1 bytes at 4294963200, outside of the module's",
  },
  "names the same megabyte again and again": {
    parts: {
      record: `(if (i32.eqz (local.get $i)) (then (return (i32.const 1))))
        (call $setValue (local.get $i) (i32.const 0) (i32.const 0x100000)) (i32.const 0x13)`,
      memory: "32",
    },
    batchOutputBytesMax: 1024 * 1024 - 1,
    code: "module.record",
    message: "its output of 1048576 bytes does not fit: its batch may become 1048575 bytes in all",
    fails: [1, 2],
  },
  "traps in its start function": {
    parts: { extra: "(func $s (unreachable)) (start $s)" },
    code: "module.trap",
    message: "guest trapped in its start function: unreachable",
    ends: "opening",
  },
  "fills memory that it does not have": {
    parts: { extra: '(data (i32.const 65530) "more than there is room for")' },
    code: "module.trap",
    message: "guest could not be instantiated",
    ends: "opening",
  },
  "begins with more memory than it may have": {
    parts: { memory: "129", extra: `(data (i32.const 0) "${"x".repeat(100_000)}")` },
    code: "module.memory",
    message: "8388608",
    ends: "loading",
  },
};
