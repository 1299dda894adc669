import type { FluvioGuestParts } from "../support/fluvio.ts";
import type { Misbehaviour } from "./animals.ts";

/** A module with Fluvio's exports that misbehaves, and what must become of it. */
export interface FluvioAnimal extends Misbehaviour {
  readonly parts: FluvioGuestParts;
}

/*
 * Each is a filter that keeps all of a, b and c, which it gets together, or some of them where one of them has to be found. It
 * hands over the records as they came, which is what it was sent from its count on, and an end without an error.
 *
 *   input     | base offset i64 | length u32 | count u32 | records of 8 bytes, with the value at 6 | … |
 *   output    | count u32 | records | 00 |, behind a note of its size, as allocators make it
 */
const outputAt = 1024;
const helpers = `
  (func $bigEndian (param $at i32) (result i32)
    (i32.or (i32.shl (i32.load8_u offset=2 (local.get $at)) (i32.const 8)) (i32.load8_u offset=3 (local.get $at))))
  (func $hasSecond (param $at i32) (result i32)
    (local $left i32)
    (local.set $left (call $bigEndian (i32.add (local.get $at) (i32.const 12))))
    (loop $next
      (if (i32.eq (i32.load8_u offset=22 (local.get $at)) (i32.const 98)) (then (return (i32.const 1))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $next (local.get $left)))
    (i32.const 0))
  (func $keepAll (param $at i32) (result i32)
    (local $length i32)
    (local.set $length (call $bigEndian (i32.add (local.get $at) (i32.const 8))))
    (i32.store (i32.const ${outputAt - 4}) (i32.const 67))
    (memory.copy (i32.const ${outputAt}) (i32.add (local.get $at) (i32.const 12)) (local.get $length))
    (i32.store8 (i32.add (i32.const ${outputAt}) (local.get $length)) (i32.const 0))
    (call $copy (i32.const ${outputAt}) (i32.add (local.get $length) (i32.const 1)))
    (i32.const 1))`;

const keepAll = "(call $keepAll (local.get $at))";
const good: FluvioGuestParts = { transform: "filter", extra: helpers, body: keepAll };
const forever = "(loop $again (br $again))";

/** What is done where the second record is among those that it was sent. */
const atSecond = (code: string): FluvioGuestParts => ({
  ...good,
  body: `(if (call $hasSecond (local.get $at)) (then ${code})) ${keepAll}`,
});
/** The same, with an output that was right until then. */
const spoiling = (code: string): FluvioGuestParts =>
  atSecond(`(drop ${keepAll}) ${code} (return (i32.const 1))`);
const outsideText = "lies outside of its memory";

export const fluvioAnimals: Readonly<Record<string, FluvioAnimal>> = {
  "keeps all that it gets": { parts: good, code: "module.trap", message: "", fails: [] },
  "traps on its second record": {
    parts: atSecond("(unreachable)"),
    code: "module.trap",
    message: "trapped: unreachable",
  },
  "traps on each record": {
    parts: { ...good, body: "(unreachable)" },
    code: "module.trap",
    message: "trapped: unreachable",
    fails: [0, 1, 2],
  },
  "loops for ever": { parts: atSecond(forever), code: "module.fuel", message: "ran out of fuel: it had" },
  "loops for ever with fuel for it": {
    parts: atSecond(forever),
    needsThread: true,
    code: "module.deadline",
    message: "took longer than 500 ms",
  },
  "grows its memory for ever": {
    parts: atSecond("(loop $again (drop (memory.grow (i32.const 1))) (br $again))"),
    code: "module.fuel",
    message: "ran out of fuel: it had",
  },
  "fills its memory in one instruction": {
    parts: atSecond("(memory.fill (i32.const 0) (i32.const 0) (i32.const -1))"),
    code: "module.fuel",
    message: "ran out of fuel: it had",
  },
  "has no memory for its input": {
    parts: { ...good, alloc: "(i32.const 0)" },
    code: "module.trap",
    message: "has no memory for an input of",
    fails: [0, 1, 2],
  },
  "gives memory for its input that is not there": {
    parts: { ...good, alloc: "(i32.const -16)" },
    code: "module.answer",
    message: "at 4294967280 lie outside of its memory",
    fails: [0, 1, 2],
  },
  "traps when it is asked for memory": {
    parts: { ...good, alloc: "(unreachable)" },
    code: "module.trap",
    message: "trapped: unreachable",
    fails: [0, 1, 2],
  },
  "traps when its output is freed": {
    parts: { ...good, dealloc: '(func (export "dealloc") (param i32 i32) (unreachable))' },
    code: "module.trap",
    message: "",
    fails: [],
  },
  "hands over what is outside of its memory": {
    parts: atSecond("(call $copy (i32.const -4096) (i32.const 64)) (return (i32.const 1))"),
    code: "module.answer",
    message: outsideText,
  },
  "hands over more than its memory": {
    parts: atSecond("(call $copy (i32.const 1024) (i32.const -1)) (return (i32.const 1))"),
    code: "module.answer",
    message: outsideText,
  },
  "hands nothing over": {
    parts: atSecond("(return (i32.const 1))"),
    code: "module.answer",
    message: "it handed no output over",
  },
  "counts records that are not there": {
    parts: spoiling(`(i32.store (i32.const ${outputAt}) (i32.const -1))`),
    code: "module.answer",
    message: "4294967295 records are said to be in",
  },
  "says that a record is longer than it is": {
    parts: spoiling(`(i32.store8 (i32.const ${outputAt + 4}) (i32.const 0x7e))`),
    code: "module.answer",
    message: "its output cannot be read: a record is not as long as it says, 63 bytes",
  },
  "says that a value has a length below 0": {
    parts: spoiling(`(i32.store8 (i32.const ${outputAt + 9}) (i32.const 1))`),
    code: "module.answer",
    message: "its output cannot be read: a part has -1 bytes",
  },
  "names a record that it was not sent": {
    parts: spoiling(`(i32.store8 (i32.const ${outputAt + 7}) (i32.const 9))`),
    code: "module.answer",
    message: "record 0 has the offset delta -5, which is none that comes next",
  },
  "changes what it keeps": {
    // An empty key in the place of none, and an empty value.
    parts: spoiling(`(i32.store (i32.const ${outputAt + 8}) (i32.const 1))`),
    code: "module.answer",
    message: "record 0 was changed, which a filter cannot do",
  },
  "gives a status below 0": {
    parts: atSecond(`(drop ${keepAll}) (return (i32.const -7))`),
    code: "module.record",
    message: "encountered unknown error during SmartModule processing (status -7)",
  },
  "scribbles over its input": {
    parts: {
      ...good,
      body: `(drop ${keepAll}) (memory.fill (local.get $at) (i32.const 88) (local.get $length)) (i32.const 1)`,
    },
    code: "module.trap",
    message: "",
    fails: [],
  },
  "scribbles over its input, and traps then": {
    parts: atSecond("(memory.fill (local.get $at) (i32.const 88) (local.get $length)) (unreachable)"),
    code: "module.trap",
    message: "trapped: unreachable",
  },
  "floods its error output": {
    parts: {
      ...atSecond(`
        (i32.store (i32.const 64) (i32.const 0)) (i32.store (i32.const 68) (i32.const 4096))
        (loop $again
          (drop (call $write (i32.const 2) (i32.const 64) (i32.const 1) (i32.const 72)))
          (i32.store8 (i32.const 80) (i32.add (i32.load8_u (i32.const 80)) (i32.const 1)))
          (br_if $again (i32.lt_u (i32.load8_u (i32.const 80)) (i32.const 250))))`),
      imports:
        '(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))',
    },
    code: "module.trap",
    message: "",
    fails: [],
  },
  "traps in its start function": {
    parts: { ...good, extra: `${helpers} (func $s (unreachable)) (start $s)` },
    code: "module.trap",
    message: "guest trapped: unreachable",
    ends: "opening",
  },
  "loops for ever in its start function": {
    parts: { ...good, extra: `${helpers} (func $s ${forever}) (start $s)` },
    code: "module.fuel",
    message: "guest ran out of fuel in its start function: it had 1000000 for this call",
    hint: "`fuel-per-setup`",
    ends: "opening",
  },
  "loops for ever at init": {
    parts: { ...good, init: `${forever} (i32.const 0)` },
    code: "module.fuel",
    message: "guest ran out of fuel: it had 1000000 for this call",
    ends: "opening",
  },
  "refuses its parameters with nonsense": {
    parts: { ...good, init: "(call $copy (i32.const -8) (i32.const 16)) (i32.const -2)" },
    code: "module.answer",
    message: outsideText,
    ends: "opening",
  },
};
