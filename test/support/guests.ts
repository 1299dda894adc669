import { control, exportName } from "../../src/engine/abi/packed/layout.ts";
import { loadModule, type Module, openChain, type Transform } from "../../src/engine/index.ts";
import { word } from "../../src/record/index.ts";
import { compileWat } from "./wat.ts";

/** Where the guests of tests have their control block and their constant texts; regions come behind the first page. */
export const controlAt = 1024;
const dataAt = 2048;

export interface GuestParts {
  /** The transform's name without its prefix. */
  readonly transform?: "filter" | "map" | "filter_map" | "array_map" | "aggregate";
  /**
   * Body of `$record (param $i i32) (result i32)`: works on one record and gives its verdict, or -1 when it finds no room, so that the
   * transform returns with the records before it finished.
   */
  readonly record?: string;
  /** Body of the transform itself, `(param $first i32) (result i32)`, in place of the loop over `$record`. */
  readonly body?: string;
  /** Body of `millrace_init () -> i32`; without it the module has none. */
  readonly init?: string;
  /** Body of `millrace_reserve (param $region i32) (param $bytes i32) (result i32)`, in place of one that always gives new memory. */
  readonly reserve?: string;
  /** Body of the version mark, in place of the address of the control block. */
  readonly mark?: string;
  /** Pages of 64 KiB: at the start, and at most. */
  readonly memory?: string;
  /** Text at `dataAt`, which `text()` points to. */
  readonly data?: string;
  /** Imports of the module. */
  readonly imports?: string;
  /** Further fields of the module. */
  readonly extra?: string;
}

const cell = (name: keyof typeof control): string =>
  `(i32.load (i32.const ${controlAt + control[name] * 4}))`;
const headerField = (name: keyof typeof word): string =>
  `(i32.load (i32.add (call $inputAt) (i32.const ${word[name] * 4})))`;

/** The names that bodies may use. Positions in columns are `address of column + 8 * i`. */
const vocabulary = `
  (func $inputAt (result i32) ${cell("inputAt")})
  (func $inputBytes (result i32) ${cell("inputBytes")})
  (func $verdictsAt (result i32) ${cell("verdictsAt")})
  (func $valuesAt (result i32) ${cell("valuesAt")})
  (func $keysAt (result i32) ${cell("keysAt")})
  (func $timestampsAt (result i32) ${cell("timestampsAt")})
  (func $headersAt (result i32) ${cell("headersAt")})
  (func $outputAt (result i32) ${cell("outputAt")})
  (func $outputBytes (result i32) ${cell("outputBytes")})
  (func $count (result i32) ${headerField("recordCount")})

  ;; Address and length of the value and the key of a record; a length of -1: no key.
  (func $valueAt (param $i i32) (result i32)
    (i32.add (call $inputAt) (i32.load (call $pair ${headerField("valuesAt")} (local.get $i)))))
  (func $valueLength (param $i i32) (result i32)
    (i32.load offset=4 (call $pair ${headerField("valuesAt")} (local.get $i))))
  (func $keyAt (param $i i32) (result i32)
    (i32.add (call $inputAt) (i32.load (call $pair ${headerField("keysAt")} (local.get $i)))))
  (func $keyLength (param $i i32) (result i32)
    (if (result i32) ${headerField("keysAt")}
      (then (i32.load offset=4 (call $pair ${headerField("keysAt")} (local.get $i))))
      (else (i32.const -1))))
  (func $pair (param $column i32) (param $i i32) (result i32)
    (i32.add (call $inputAt) (i32.add (local.get $column) (i32.mul (local.get $i) (i32.const 8)))))
  ;; The first byte of a value, or 0 where it is empty.
  (func $firstByte (param $i i32) (result i32)
    (if (result i32) (call $valueLength (local.get $i))
      (then (i32.load8_u (call $valueAt (local.get $i))))
      (else (i32.const 0))))

  ;; Writes a pair of an answer's column.
  (func $set (param $column i32) (param $i i32) (param $at i32) (param $length i32)
    (local $to i32)
    (local.set $to (i32.add (local.get $column) (i32.mul (local.get $i) (i32.const 8))))
    (i32.store (local.get $to) (local.get $at))
    (i32.store offset=4 (local.get $to) (local.get $length)))
  (func $setValue (param $i i32) (param $at i32) (param $length i32)
    (call $set (call $valuesAt) (local.get $i) (local.get $at) (local.get $length)))
  (func $setKey (param $i i32) (param $at i32) (param $length i32)
    (call $set (call $keysAt) (local.get $i) (local.get $at) (local.get $length)))
  (func $setHeaders (param $i i32) (param $at i32) (param $length i32)
    (call $set (call $headersAt) (local.get $i) (local.get $at) (local.get $length)))
  (func $setTimestamp (param $i i32) (param $ms i64)
    (i64.store (i32.add (call $timestampsAt) (i32.mul (local.get $i) (i32.const 8))) (local.get $ms)))

  ;; Takes bytes of the output region, or gives 0 where there are not enough; $capacity makes the region look smaller.
  (global $capacity (mut i32) (i32.const -1))
  (global $taken (mut i32) (i32.const 0))
  (func $take (param $bytes i32) (result i32)
    (local $room i32)
    (local.set $room (select (call $outputBytes) (global.get $capacity)
      (i32.lt_u (call $outputBytes) (global.get $capacity))))
    (if (i32.gt_u (local.get $bytes) (i32.sub (local.get $room) (global.get $taken)))
      (then (return (i32.const 0))))
    (i32.add (call $outputAt) (global.get $taken))
    (global.set $taken (i32.add (global.get $taken) (local.get $bytes))))
`;

const reserveAlwaysNew = `
  (local $at i32)
  (local.set $at (global.get $free))
  (global.set $free (i32.add (global.get $free) (local.get $bytes)))
  (block $fits (loop $more
    (br_if $fits (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
    (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))
    (global.set $free (local.get $at))
    (return (i32.const 0))))
  (local.get $at)`;

const forEachRecord = `
  (local $i i32) (local $code i32)
  (global.set $taken (i32.const 0))
  (local.set $i (local.get $first))
  (block $done (loop $next
    (br_if $done (i32.ge_u (local.get $i) (call $count)))
    (local.set $code (call $record (local.get $i)))
    (br_if $done (i32.eq (local.get $code) (i32.const -1)))
    (i32.store8 (i32.add (call $verdictsAt) (local.get $i)) (local.get $code))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (i32.store (i32.const ${controlAt + control.cursor * 4}) (local.get $i))
    (br $next)))
  (local.get $i)`;

/** A small packed module in WebAssembly's text format; every part that is not given is well-behaved and keeps each record. */
export function guestWat(parts: GuestParts = {}): string {
  const { transform = "map", record = "(i32.const 1)", body = forEachRecord, memory = "1" } = parts;
  const init =
    parts.init === undefined ? "" : `(func (export "${exportName.init}") (result i32) ${parts.init})`;
  return `(module
    ${parts.imports ?? ""}
    (memory (export "memory") ${memory})
    (global $free (mut i32) (i32.const 65536))
    ${vocabulary}
    (func (export "${exportName.control}") (result i32) ${parts.mark ?? `(i32.const ${controlAt})`})
    (func (export "${exportName.reserve}") (param $region i32) (param $bytes i32) (result i32)
      ${parts.reserve ?? reserveAlwaysNew})
    ${init}
    (func $record (param $i i32) (result i32) ${record})
    (func (export "millrace_${transform}") (param $first i32) (result i32) ${body})
    (data (i32.const ${dataAt}) "${parts.data ?? ""}")
    ${parts.extra ?? ""}
  )`;
}

/** Address and length of a part of the guest's constant text, as two operands. */
export function text(length: number, from = 0): string {
  return `(i32.const ${dataAt + from}) (i32.const ${length})`;
}

/** Writes into a cell of the control block. */
export function store(name: keyof typeof control, value: number): string {
  return `(i32.store (i32.const ${controlAt + control[name] * 4}) (i32.const ${value}))`;
}

export async function guestModule(parts: GuestParts | string = {}, name = "guest"): Promise<Module> {
  return loadModule(await compileWat(typeof parts === "string" ? parts : guestWat(parts)), name);
}

/** An instance of a guest, for itself. */
export async function openGuest(
  parts: GuestParts | string = {},
  parameters: Readonly<Record<string, string>> = {},
): Promise<Transform> {
  const chain = await openChain([{ module: await guestModule(parts), parameters }]);
  return chain.transforms[0] as Transform;
}
