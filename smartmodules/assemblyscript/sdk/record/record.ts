import { JsonField } from "../json/field";
import { JsonPath } from "../json/path";
import { JsonPaths } from "../json/paths";
import { JsonWriter } from "../json/writer";
import { absent } from "../abi/layout";
import { Slice } from "../text/slice";
import {
  changeKey,
  changeKeyText,
  changeTimestamp,
  changeValue,
  changeValueText,
  generation,
  index,
  keyAt,
  keyLength,
  offset,
  removeKey,
  timestamp,
  valueAt,
  valueLength,
  writer,
} from "./batch";
import { Emitted, emitOutput, emitSlice, emitText } from "./expansion";
import { failWith, failWithJson } from "./failure";
import { Headers } from "./headers";

/**
 * The record in hand. It is good until your function returns, and so is everything that it hands out.
 *
 * A map changes it by setting `value`, `key` or `timestamp`, or by writing JSON to `output`. What is not set stays as it is.
 */
export class Record {
  private valueSlice: Slice = new Slice();
  private keySlice: Slice = new Slice();
  /** The headers, to be read and changed. */
  readonly headers: Headers = new Headers();

  /** The value's bytes, where they lie. Setting it to a part of a record copies nothing. */
  get value(): Slice {
    this.valueSlice.set(valueAt, valueLength);
    return this.valueSlice;
  }

  set value(value: Slice) {
    changeValue(value.at, value.length);
  }

  /** Sets the value to a text. */
  setValue(text: string): void {
    changeValueText(text);
  }

  get hasKey(): boolean {
    return keyLength() != absent;
  }

  /** The key's bytes; empty when there is no key. */
  get key(): Slice {
    const length = keyLength();
    this.keySlice.set(keyAt(), length == absent ? 0 : length);
    return this.keySlice;
  }

  set key(key: Slice) {
    changeKey(key.at, key.length);
  }

  /** Sets the key to a text. */
  setKey(text: string): void {
    changeKeyText(text);
  }

  removeKey(): void {
    removeKey();
  }

  /** Milliseconds since 1970, or -1 when there is none. */
  get timestamp(): i64 {
    return timestamp();
  }

  set timestamp(milliseconds: i64) {
    changeTimestamp(milliseconds);
  }

  /** Place of the record in its topic, or -1 when it comes from none. */
  get offset(): i64 {
    return offset();
  }

  /** Index of the record in the batch that is being worked on. */
  get index(): i32 {
    return index;
  }

  /**
   * The part of the value that a path leads to. A value that is not JSON fails the record, and the field is then missing.
   * Asking for the same path again costs nothing.
   */
  json(path: JsonPath): JsonField {
    const field = this.tryJson(path);
    if (path.isInvalid) failWithJson(path.problemPosition, path.textLength, path.problemExpecting);
    return field;
  }

  /** Like `json`, but a value that is not JSON does not fail the record: `isInvalid` of the path tells. */
  tryJson(path: JsonPath): JsonField {
    if (path.generation != generation) {
      path.findAt(valueAt, valueLength);
      path.generation = generation;
    }
    return path.field;
  }

  /** Finds all fields of a selection in one pass over the value. False for a value that is not JSON, which fails the record. */
  select(paths: JsonPaths): boolean {
    if (this.trySelect(paths)) return true;
    failWithJson(paths.problemPosition, paths.textLength, paths.problemExpecting);
    return false;
  }

  /** Like `select`, but a value that is not JSON does not fail the record. */
  trySelect(paths: JsonPaths): boolean {
    if (paths.generation != generation) {
      paths.findAt(valueAt, valueLength);
      paths.generation = generation;
    }
    return !paths.isInvalid;
  }

  /** Writes a new value as JSON. It must be complete when your function returns. */
  get output(): JsonWriter {
    return writer;
  }

  /** In an array-map: makes a record with this value. A part of the record in hand is not copied. */
  emit(value: Slice): Emitted {
    return emitSlice(value.at, value.length);
  }

  /** In an array-map: makes a record of a text. */
  emitText(text: string): Emitted {
    return emitText(text);
  }

  /** In an array-map: makes a record of the JSON that was written to `output`, which is empty again then. */
  emitOutput(): Emitted {
    return emitOutput();
  }

  /** Fails this record with a text; the other records go on. What else was set for it is forgotten. */
  fail(reason: string): void {
    failWith(reason);
  }
}
