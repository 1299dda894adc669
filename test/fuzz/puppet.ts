import { type WasmMemory, webAssembly } from "../../src/base/index.ts";
import { control } from "../../src/engine/abi/packed/layout.ts";
import { loadModule, type Module, type TransformKind } from "../../src/engine/index.ts";
import { controlAt, type GuestParts, guestWat } from "../support/guests.ts";
import { compileWat } from "../support/wat.ts";

/*
 * A module that does what the first record of its batch says: operations of four 32-bit words, op | a | b | c, one after the
 * other, over all calls of a batch and of later batches.
 *
 *   0  return b                                       4  trap
 *   1  store c, 32-bit, at b from base a              5  fill the verdicts with c
 *   2  store c, 8-bit, at b from base a               6  answer the next reservation with b
 *   3  grow memory by c pages                         7  store c in cell a of the control block
 *
 * Base a is what cell a of the control block holds, or 0 where there is no such cell. Behind the last operation everything is
 * kept.
 */
export const operation = {
  end: 0,
  word: 1,
  byte: 2,
  grow: 3,
  trap: 4,
  fill: 5,
  reserve: 6,
  cell: 7,
} as const;

const cellCount = Object.keys(control).length;
const word = (name: "a" | "b" | "c"): string =>
  `(i32.load offset=${{ a: 4, b: 8, c: 12 }[name]} (local.get $at))`;
const target = `(i32.add (call $base ${word("a")}) ${word("b")})`;
const when = (op: number, then: string): string =>
  `(if (i32.eq (local.get $op) (i32.const ${op})) (then ${then}))`;

/** Cells whose content at the last call the module exports, out of reach of its own operations. */
const noted = [
  "inputAt",
  "inputBytes",
  "verdictsAt",
  "valuesAt",
  "keysAt",
  "timestampsAt",
  "headersAt",
  "sourcesAt",
  "changesAt",
] as const;

const end = "(global.set $ended (i32.add (global.get $ended) (i32.const 1)))";

const parts: GuestParts = {
  memory: "2 200",
  extra: `
    (global $at (mut i32) (i32.const 0))
    (global $end (mut i32) (i32.const 0))
    (global $answer (mut i32) (i32.const 0))
    (global $returned (export "returned") (mut i32) (i32.const 0))
    (global $begun (export "begun") (mut i32) (i32.const 0))
    (global $ended (export "ended") (mut i32) (i32.const 0))
    ${noted.map((name) => `(global $${name} (export "${name}") (mut i32) (i32.const 0))`).join("\n")}
    (func $base (param $cell i32) (result i32)
      (if (result i32) (i32.lt_u (local.get $cell) (i32.const ${cellCount}))
        (then (i32.load (i32.add (i32.const ${controlAt}) (i32.mul (local.get $cell) (i32.const 4)))))
        (else (i32.const 0))))`,
  reserve: `
    (local $at i32)
    (if (global.get $answer) (then
      (local.set $at (global.get $answer))
      (global.set $answer (i32.const 0))
      (return (local.get $at))))
    (if (i32.gt_u (local.get $bytes) (i32.const 1200000)) (then (return (i32.const 0))))
    (local.set $at (global.get $free))
    (block $fits (loop $more
      (br_if $fits (i32.le_u (i32.add (local.get $at) (local.get $bytes)) (i32.mul (memory.size) (i32.const 65536))))
      (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))
      (return (i32.const 0))))
    (global.set $free (i32.add (local.get $at) (local.get $bytes)))
    (local.get $at)`,
  body: `
    (local $at i32) (local $op i32)
    (global.set $begun (i32.add (global.get $begun) (i32.const 1)))
    ${noted.map((name) => `(global.set $${name} (call $base (i32.const ${control[name]})))`).join("\n")}
    (if (i32.eqz (global.get $at)) (then
      (global.set $at (i32.and (i32.add (call $valueAt (i32.const 0)) (i32.const 3)) (i32.const -4)))
      (global.set $end (i32.add (call $valueAt (i32.const 0)) (call $valueLength (i32.const 0))))))
    (block $done (loop $next
      (local.set $at (global.get $at))
      (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (global.get $end)))
      (global.set $at (i32.add (local.get $at) (i32.const 16)))
      (local.set $op (i32.load (local.get $at)))
      ${when(operation.end, `${end} (global.set $returned ${word("b")}) (return ${word("b")})`)}
      ${when(operation.word, `(i32.store ${target} ${word("c")})`)}
      ${when(operation.byte, `(i32.store8 ${target} ${word("c")})`)}
      ${when(operation.grow, `(drop (memory.grow ${word("c")}))`)}
      ${when(operation.trap, "(unreachable)")}
      ${when(operation.fill, `(memory.fill (call $verdictsAt) ${word("c")} (call $count))`)}
      ${when(operation.reserve, `(global.set $answer ${word("b")})`)}
      ${when(
        operation.cell,
        `(i32.store (i32.add (i32.const ${controlAt}) (i32.mul (i32.rem_u ${word("a")} (i32.const ${cellCount}))
           (i32.const 4))) ${word("c")})`,
      )}
      (br $next)))
    (memory.fill (call $verdictsAt) (i32.const 1) (call $count))
    ${end}
    (global.set $returned (call $count))
    (call $count)`,
};

/** Numbers beside those that are noted: what it returned last, and how many of its calls have begun and ended. */
const others = ["returned", "begun", "ended"] as const;

/** What the module was told at its last call, what it returned, and its memory. */
export type Strings = Readonly<Record<(typeof noted)[number] | (typeof others)[number], number>> & {
  readonly memory: Uint8Array;
};

/** Instances of puppets that were made, in order, each of which stays as it was when it was given up. */
export interface Instances {
  readonly count: number;
  /** Access to what only the platform sees of one of them. */
  at(index: number): Strings;
}

/** Does something with puppets, and gives access to their instances: one that traps or answers nonsense is given up for another. */
export async function holdingStrings(act: (instances: Instances) => Promise<void>): Promise<void> {
  // The platform's own object is what the engine uses, so this is where an instance can be seen.
  const platform: { Instance: typeof webAssembly.Instance } = webAssembly;
  const { Instance } = platform;
  const made: Readonly<Record<string, unknown>>[] = [];
  platform.Instance = class extends Instance {
    constructor(...given: ConstructorParameters<typeof Instance>) {
      super(...given);
      // The host has instances of its own, to work on its buffers.
      if ("returned" in this.exports) made.push(this.exports);
    }
  };
  try {
    await act({
      get count() {
        return made.length;
      },
      at: (index) => stringsOf(made[index] ?? {}),
    });
  } finally {
    platform.Instance = Instance;
  }
}

function stringsOf(exports: Readonly<Record<string, unknown>>): Strings {
  const numbers = [...noted, ...others].map((name) => {
    const { value } = exports[name] as { readonly value: number };
    return [name, value >>> 0];
  });
  const memory = new Uint8Array((exports.memory as WasmMemory).buffer);
  return { ...(Object.fromEntries(numbers) as Omit<Strings, "memory">), memory };
}

export const puppetKinds = [
  "filter",
  "map",
  "filter-map",
  "array-map",
  "aggregate",
] as const satisfies TransformKind[];

export async function loadPuppets(): Promise<readonly Module[]> {
  return Promise.all(
    puppetKinds.map(async (kind) => {
      const transform = kind.replace("-", "_") as NonNullable<GuestParts["transform"]>;
      return loadModule(await compileWat(guestWat({ ...parts, transform })), kind);
    }),
  );
}
