import { formatDouble, formatInteger, numberBytesMax } from "../number/format";
import { advance, closePiece, hasRoom, openPiece, position } from "../memory/output";
import { copyBytes } from "../text/bytes";
import { Slice } from "../text/slice";
import { borrowedAt, borrowedLength, borrowText } from "../text/utf8";
import { JsonField } from "./field";
import { JsonName } from "./name";
import { quoteBytes } from "./quote";

/* What may come next. In containers it is noted for each one around the place in hand. */
const wantsValue: u8 = 0;
const wantsNothing: u8 = 1;
const wantsFirstName: u8 = 2;
const wantsName: u8 = 3;
const wantsMember: u8 = 4;
const wantsFirstElement: u8 = 5;
const wantsElement: u8 = 6;

/** As deep as the reader goes. */
const depthMax: i32 = 512;
const around = memory.data(depthMax + 8);

/**
 * Writes JSON, and only JSON: a call out of place fails the record. All methods return the writer, so that they can be chained.
 *
 *     record.output.beginObject().name("place").raw(place).name("strong").boolean(true).endObject();
 */
export class JsonWriter {
  /** Something was written for the record in hand. */
  isUsed: boolean = false;
  /** Where the finished text lies, once `finish` has been called. */
  writtenAt: usize = 0;
  writtenLength: usize = 0;
  private depth: i32 = 0;
  private wants: u8 = wantsValue;
  private problem: string = "";

  beginObject(): JsonWriter {
    return this.begin(0x7b, wantsFirstName);
  }

  endObject(): JsonWriter {
    return this.end(0x7d, this.wants == wantsFirstName || this.wants == wantsName, "endObject");
  }

  beginArray(): JsonWriter {
    return this.begin(0x5b, wantsFirstElement);
  }

  endArray(): JsonWriter {
    return this.end(0x5d, this.wants == wantsFirstElement || this.wants == wantsElement, "endArray");
  }

  /** The name of the member whose value comes next: a `JsonName`, which is the fastest, a `string` or a `Slice`. */
  name<T>(name: T): JsonWriter {
    const isFirst = this.wants == wantsFirstName;
    if (!isFirst && this.wants != wantsName) return this.misused("a name");
    this.wants = wantsMember;
    if (!isString<T>() && idof<T>() == idof<JsonName>()) {
      const written = changetype<JsonName>(name);
      this.putBytes(written.at + usize(isFirst), written.length - i32(isFirst));
      return this;
    }
    if (!isFirst) this.put(0x2c);
    this.putQuoted(name);
    return this.put(0x3a);
  }

  /** A member with a value that was found, unchanged; null when it is missing. The same as `name` and `raw`, in one step. */
  member(name: JsonName, field: JsonField): JsonWriter {
    if (field.isMissing) return this.name(name).nullValue();
    const isFirst = this.wants == wantsFirstName;
    if (!isFirst && this.wants != wantsName) return this.misused("a member");
    this.wants = wantsName;
    const nameLength = <usize>(name.length - i32(isFirst));
    const length = field.end - field.at;
    if (hasRoom(nameLength + length)) {
      copyBytes(position, name.at + usize(isFirst), nameLength);
      copyBytes(position + nameLength, field.at, length);
      advance(nameLength + length);
    }
    return this;
  }

  /** A string: a `string`, or a `Slice` of UTF-8. */
  text<T>(text: T): JsonWriter {
    if (!this.place("a text")) return this;
    this.putQuoted(text);
    return this;
  }

  /** A number, with the digits that JavaScript would write; what JSON cannot say (NaN, infinity) becomes null. */
  number(value: f64): JsonWriter {
    if (!isFinite(value)) return this.nullValue();
    if (this.place("a number") && hasRoom(numberBytesMax)) advance(formatDouble(value, position) - position);
    return this;
  }

  /** A whole number of 64 bits. */
  integer(value: i64): JsonWriter {
    if (this.place("a number") && hasRoom(numberBytesMax)) advance(formatInteger(value, position) - position);
    return this;
  }

  boolean(value: boolean): JsonWriter {
    return this.raw(value ? "true" : "false");
  }

  nullValue(): JsonWriter {
    return this.raw("null");
  }

  /** JSON that is there already, unchanged: a field that was found (null when it is missing), a `Slice` or a `string`. */
  raw<T>(json: T): JsonWriter {
    if (!this.place("a value")) return this;
    if (isString<T>(json)) {
      borrowText(changetype<string>(json));
      this.putBytes(borrowedAt, borrowedLength);
    } else if (idof<T>() == idof<JsonField>()) {
      const field = changetype<JsonField>(json);
      if (field.isMissing) {
        borrowText("null");
        this.putBytes(borrowedAt, borrowedLength);
      } else this.putBytes(field.at, field.end - field.at);
    } else {
      const slice = changetype<Slice>(json);
      this.putBytes(slice.at, slice.length);
    }
    return this;
  }

  /** Ends the text. Returns what is wrong with it; empty when nothing is. */
  finish(): string {
    this.writtenAt = closePiece();
    this.writtenLength = position - this.writtenAt;
    if (this.problem.length == 0 && this.wants != wantsNothing) this.problem = "the JSON written is not complete";
    return this.problem;
  }

  /** Makes ready for the next record. */
  reset(): void {
    if (!this.isUsed) return;
    this.isUsed = false;
    this.depth = 0;
    this.wants = wantsValue;
    this.problem = "";
  }

  private begin(bracket: u8, wants: u8): JsonWriter {
    if (!this.place(bracket == 0x7b ? "an object" : "an array")) return this;
    if (this.depth == depthMax) {
      if (this.problem.length == 0) this.problem = `the JSON written has more than ${depthMax} levels`;
      return this;
    }
    store<u8>(around + this.depth++, this.wants);
    this.wants = wants;
    return this.put(bracket);
  }

  private end(bracket: u8, isPlace: boolean, what: string): JsonWriter {
    if (!isPlace) return this.misused(what);
    this.wants = load<u8>(around + --this.depth);
    return this.put(bracket);
  }

  /** Writes what stands before a value. False when none may stand here. */
  private place(what: string): boolean {
    switch (this.wants) {
      case wantsMember:
        this.wants = wantsName;
        return true;
      case wantsElement:
        this.put(0x2c);
        return true;
      case wantsFirstElement:
        this.wants = wantsElement;
        return true;
      case wantsValue:
        if (!this.isUsed) {
          this.isUsed = true;
          openPiece();
        }
        this.wants = wantsNothing;
        return true;
      default:
        this.misused(what);
        return false;
    }
  }

  private misused(what: string): JsonWriter {
    this.isUsed = true;
    if (this.problem.length == 0) this.problem = `the JSON written has ${what} out of place`;
    return this;
  }

  private put(byte: u8): JsonWriter {
    if (hasRoom(1)) {
      store<u8>(position, byte);
      advance(1);
    }
    return this;
  }

  private putBytes(at: usize, length: usize): void {
    if (!hasRoom(length)) return;
    copyBytes(position, at, length);
    advance(length);
  }

  private putQuoted<T>(text: T): void {
    if (isString<T>(text)) {
      borrowText(changetype<string>(text));
      quoteBytes(borrowedAt, borrowedLength);
    } else {
      const slice = changetype<Slice>(text);
      quoteBytes(slice.at, slice.length);
    }
  }
}
