import { MillraceError } from "../../errors.ts";
import { FormatDecoder, type RecordFormat, unfinished } from "./format-decoder.ts";
import type { Harvest } from "./harvest.ts";
import { MsgpackToJson } from "./msgpack-json.ts";
import { msgpackTypes } from "./msgpack-types.ts";

class MsgpackFormat implements RecordFormat {
  readonly counts = "records";
  readonly isInPlace = false;
  readonly state = undefined;
  /** Values that belong to the record and were not met; nothing else is needed to find its end, however deep it is. */
  #valuesLeft = 1;
  /** Bytes of a number that were not met, what it is of, and what it comes to so far. */
  #numberLeft = 0;
  #number = 0;
  #type = 0;
  /** Bytes of a text, binary or extension that were not met. */
  #bytesLeft = 0;

  reset(): void {
    this.#valuesLeft = 1;
    this.#numberLeft = 0;
    this.#bytesLeft = 0;
  }

  find(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    for (;;) {
      if (this.#bytesLeft > 0) {
        const passed = Math.min(this.#bytesLeft, to - at);
        this.#bytesLeft -= passed;
        at += passed;
        if (this.#bytesLeft > 0) return unfinished;
      }
      if (this.#numberLeft === 0 && this.#valuesLeft === 0) return at;
      if (at === to) return unfinished;
      const byte = bytes[at++] as number;
      if (this.#numberLeft > 0) {
        this.#number = this.#number * 256 + byte;
        if (--this.#numberLeft === 0) this.#open(this.#number);
        continue;
      }
      const type = msgpackTypes[byte];
      if (type === undefined || type.kind === "never") throw neverUsed();
      this.#type = byte;
      this.#valuesLeft--;
      this.#number = 0;
      this.#numberLeft = type.numberBytes;
      if (type.numberBytes === 0) this.#open(type.fixed);
    }
  }

  take(bytes: Uint8Array, at: number, end: number, harvest: Harvest): void {
    const { text } = harvest;
    const start = text.length;
    try {
      new MsgpackToJson(bytes, at, text).write();
      harvest.addText(start);
    } catch (error) {
      if (!MillraceError.is(error)) throw error;
      text.cut(start);
      harvest.fail(error.code, error.message, bytes, at, end);
    }
    harvest.offset++;
  }

  takeLast(bytes: Uint8Array, at: number, end: number, harvest: Harvest): void {
    if (at === end) return;
    harvest.fail("record.cut", "the input ends in the middle of a value", bytes, at, end);
    harvest.offset++;
  }

  pass(_bytes: Uint8Array, _at: number, _end: number, harvest: Harvest, isWhole: boolean): void {
    if (isWhole) harvest.offset++;
  }

  /** What follows a first byte and its number. */
  #open(count: number): void {
    const kind = msgpackTypes[this.#type]?.kind;
    if (kind === "array") this.#valuesLeft += count;
    else if (kind === "map") this.#valuesLeft += count * 2;
    else if (kind === "text" || kind === "binary") this.#bytesLeft = count;
    else if (kind === "extension") this.#bytesLeft = count + 1;
  }
}

function neverUsed(): MillraceError {
  return new MillraceError(
    "msgpack.invalid",
    "the bytes are no MessagePack: a value begins with the byte 0xc1, which none does",
    {
      hint: "nothing behind this place can be found; check that the input is a stream of MessagePack values",
    },
  );
}

/** Makes JSON of MessagePack values that stand one behind the other; `MsgpackToJson` says how. */
export function msgpackDecoder(): FormatDecoder {
  return new FormatDecoder(new MsgpackFormat());
}
