import type { GuestParts } from "../support/guests.ts";
import type { PlainRecord } from "../support/records.ts";

/*
 * A filter and a map whose every record says what is to be done with it, each once as a guest and once in plain JavaScript. The first byte of
 * a value is a letter:
 *
 *   filter   d  dropped     !  failed, with the value as text     others  kept
 *   map      p  value without its first byte          b  "[" value "]", made
 *            n  value of the next record of the batch w  value := key, empty where there is none
 *            y  key := value                          x  no key
 *            c  value made and key := "K" made        t  timestamp := -5
 *            h  headers := one, made                  H  no headers
 *            r  replaced, though nothing is set       !  failed, with the value as text
 *            others  kept
 */

export const referenceFilter: GuestParts = {
  transform: "filter",
  record: `
    (local $letter i32)
    (local.set $letter (call $firstByte (local.get $i)))
    (if (i32.eq (local.get $letter) (i32.const ${code("d")})) (then (return (i32.const 2))))
    (if (i32.eq (local.get $letter) (i32.const ${code("!")})) (then
      (call $setValue (local.get $i) (call $valueAt (local.get $i)) (call $valueLength (local.get $i)))
      (return (i32.const 5))))
    (i32.const 1)`,
};

/** @param outputBytesMax what the guest uses of its output region, so that it has to return early now and then */
export function referenceMap(outputBytesMax = -1): GuestParts {
  const when = (letter: string, then: string): string =>
    `(if (i32.eq (local.get $letter) (i32.const ${code(letter)})) (then ${then}))`;
  const done = (bits: number): string => `(return (i32.const ${3 | bits}))`;
  const [at, length] = ["(call $valueAt (local.get $i))", "(call $valueLength (local.get $i))"];
  const makeBracketed = `
    (local.set $made (call $take (i32.add ${length} (i32.const 2))))
    (if (i32.eqz (local.get $made)) (then (return (i32.const -1))))
    (i32.store8 (local.get $made) (i32.const ${code("[")}))
    (memory.copy (i32.add (local.get $made) (i32.const 1)) ${at} ${length})
    (i32.store8 (i32.add (local.get $made) (i32.add ${length} (i32.const 1))) (i32.const ${code("]")}))
    (call $setValue (local.get $i) (local.get $made) (i32.add ${length} (i32.const 2)))`;
  return {
    transform: "map",
    // One header: its name has 1 byte, its value 2.
    data: "\\01\\00\\00\\00\\01\\00\\00\\00\\02\\00\\00\\00h\\0aK",
    extra: `(func $start (global.set $capacity (i32.const ${outputBytesMax}))) (start $start)`,
    record: `
      (local $letter i32) (local $made i32)
      (local.set $letter (call $firstByte (local.get $i)))
      ${when("p", `(call $setValue (local.get $i) (i32.add ${at} (i32.const 1)) (i32.sub ${length} (i32.const 1))) ${done(0x10)}`)}
      ${when("b", `${makeBracketed} ${done(0x10)}`)}
      ${when(
        "n",
        `(local.set $made (i32.add (local.get $i) (i32.const 1)))
         (if (i32.ge_u (local.get $made) (call $count)) (then (return (i32.const 1))))
         (call $setValue (local.get $i) (call $valueAt (local.get $made)) (call $valueLength (local.get $made)))
         ${done(0x10)}`,
      )}
      ${when(
        "w",
        `(if (i32.eq (call $keyLength (local.get $i)) (i32.const -1))
           (then (call $setValue (local.get $i) (i32.const 0) (i32.const 0)))
           (else (call $setValue (local.get $i) (call $keyAt (local.get $i)) (call $keyLength (local.get $i)))))
         ${done(0x10)}`,
      )}
      ${when("y", `(call $setKey (local.get $i) ${at} ${length}) ${done(0x20)}`)}
      ${when("x", `(call $setKey (local.get $i) (i32.const 0) (i32.const -1)) ${done(0x20)}`)}
      ${when("c", `${makeBracketed} (call $setKey (local.get $i) (i32.const 2062) (i32.const 1)) ${done(0x30)}`)}
      ${when("t", `(call $setTimestamp (local.get $i) (i64.const -5)) ${done(0x40)}`)}
      ${when("h", `(call $setHeaders (local.get $i) (i32.const 2048) (i32.const 15)) ${done(0x80)}`)}
      ${when("H", `(call $setHeaders (local.get $i) (i32.const 0) (i32.const 0)) ${done(0x80)}`)}
      ${when("r", done(0))}
      ${when("!", `(call $setValue (local.get $i) ${at} ${length}) (return (i32.const 5))`)}
      (i32.const 1)`,
  };
}

/** What became of a record: its next form, or the code of its verdict. */
export type Outcome =
  | { readonly verdict: "kept" | "replaced"; readonly record: PlainRecord }
  | { readonly verdict: "dropped" }
  | { readonly verdict: "failed"; readonly text: string };

export type PlainTransform = (records: readonly PlainRecord[]) => Outcome[];

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const letterOf = (record: PlainRecord): string => String.fromCharCode(record.value[0] ?? 0);

export const plainFilter: PlainTransform = (records) =>
  records.map((record) => {
    const letter = letterOf(record);
    if (letter === "d") return { verdict: "dropped" };
    return letter === "!" ? { verdict: "failed", text: textOf(record.value) } : { verdict: "kept", record };
  });

export const plainMap: PlainTransform = (records) =>
  records.map((record, at): Outcome => {
    const { value } = record;
    const replaced = (changes: Partial<PlainRecord>): Outcome => ({
      verdict: "replaced",
      record: { ...record, ...changes },
    });
    const bracketed = (): Uint8Array => Uint8Array.of(code("["), ...value, code("]"));
    const next = records[at + 1];
    switch (letterOf(record)) {
      case "p":
        return replaced({ value: value.slice(1) });
      case "b":
        return replaced({ value: bracketed() });
      case "n":
        return next === undefined ? { verdict: "kept", record } : replaced({ value: next.value });
      case "w":
        return replaced({ value: record.key ?? new Uint8Array(0) });
      case "y":
        return replaced({ key: value });
      case "x":
        return replaced({ key: undefined });
      case "c":
        return replaced({ value: bracketed(), key: Uint8Array.of(code("K")) });
      case "t":
        return replaced({ timestamp: -5 });
      case "h":
        return replaced({ headers: [{ name: "h", value: Uint8Array.of(10, code("K")) }] });
      case "H":
        return replaced({ headers: [] });
      case "r":
        return replaced({});
      case "!":
        return { verdict: "failed", text: textOf(value) };
      default:
        return { verdict: "kept", record };
    }
  });

function code(letter: string): number {
  return letter.charCodeAt(0);
}
