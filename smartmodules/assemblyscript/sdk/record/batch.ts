/*
 * The batch that the host has handed over, and the record in hand. `Record` is the face of this that authors see.
 *
 * All state is in global variables, and a record costs a handful of stores: nothing is allocated for it.
 */

import { controlWord, setCursor, setErrorText } from "../abi/control";
import {
  absent,
  dropped,
  failed,
  frameBaseOffsetPlace,
  frameBaseTimestampPlace,
  frameCountPlace,
  frameHeadersPlace,
  frameKeysPlace,
  frameOffsetsPlace,
  frameTimestampsPlace,
  frameValuesPlace,
  headersAtPlace,
  headersChanged,
  inputAtPlace,
  inputBytesPlace,
  kept,
  keyChanged,
  keysAtPlace,
  lookBackAtPlace,
  lookBackBytesPlace,
  outputAtPlace,
  outputBytesPlace,
  replaced,
  timestampChanged,
  timestampsAtPlace,
  valueChanged,
  valuesAtPlace,
  verdictsAtPlace,
} from "../abi/layout";
import { JsonWriter } from "../json/writer";
import { recordArena } from "../memory/arena";
import { collectIfDue } from "../memory/collect";
import {
  copyOut,
  forgetOutput,
  isFull,
  isOverflown,
  keepOutput,
  openOutput,
  textLength,
  textOut,
} from "../memory/output";
import { clearFailure, failWith, failureText, hasFailed } from "./failure";

/** People read error texts; longer ones are cut. */
const failureUnitsMax: i32 = 1024;

let frameAt: usize = 0;
let frameBytes: usize = 0;
let outputAt: usize = 0;
let outputBytes: usize = 0;
let values: usize = 0;
let keys: usize = 0;
let timestamps: usize = 0;
let offsets: usize = 0;
let headers: usize = 0;
let verdicts: usize = 0;
let newValues: usize = 0;
let newKeys: usize = 0;
let newTimestamps: usize = 0;
let newHeaders: usize = 0;

/** Index of the record in hand in its batch. */
export let index: u32 = 0;
export let valueAt: usize = 0;
export let valueLength: i32 = 0;
/** Differs for every record and every value that it takes on. */
export let generation: u32 = 0;

let changes: u32 = 0;
let changedKeyAt: usize = 0;
let changedKeyLength: u32 = 0;
let changedTimestamp: i64 = 0;
let changedHeadersAt: usize = 0;
let changedHeadersLength: u32 = 0;

/** Writes the new value of the record in hand. */
export const writer: JsonWriter = new JsonWriter();

/** Reads where the host has put everything, and returns the number of records. */
export function openBatch(): u32 {
  openFrame(controlWord(inputAtPlace), controlWord(inputBytesPlace));
  verdicts = controlWord(verdictsAtPlace);
  newValues = controlWord(valuesAtPlace);
  newKeys = controlWord(keysAtPlace);
  newTimestamps = controlWord(timestampsAtPlace);
  newHeaders = controlWord(headersAtPlace);
  outputAt = controlWord(outputAtPlace);
  outputBytes = controlWord(outputBytesPlace);
  openOutput(outputAt, outputBytes);
  return load<u32>(frameAt + frameCountPlace);
}

/** Reads where the host has put earlier records, and returns their number. Nothing is answered about them. */
export function openLookBack(): u32 {
  openFrame(controlWord(lookBackAtPlace), controlWord(lookBackBytesPlace));
  outputAt = 0;
  outputBytes = 0;
  openOutput(0, 0);
  return load<u32>(frameAt + frameCountPlace);
}

/** Closes an earlier record. False when the module has failed it, and so refuses to go on. */
export function closeLookBack(): boolean {
  writer.reset();
  forgetOutput();
  recordArena.reset();
  collectIfDue();
  if (!hasFailed) return true;
  const text = String.UTF8.encode(failureText());
  refusal = text;
  setErrorText(changetype<usize>(text), text.byteLength);
  return false;
}

/** Keeps the text alive that the host is told. */
let refusal: ArrayBuffer = new ArrayBuffer(0);

function openFrame(at: usize, bytes: usize): void {
  frameAt = at;
  frameBytes = bytes;
  values = frameAt + <usize>load<u32>(frameAt + frameValuesPlace);
  keys = column(frameKeysPlace);
  timestamps = column(frameTimestampsPlace);
  offsets = column(frameOffsetsPlace);
  headers = column(frameHeadersPlace);
}

/** Address of an optional column, or 0. */
function column(place: usize): usize {
  const at = <usize>load<u32>(frameAt + place);
  return at == 0 ? 0 : frameAt + at;
}

// @ts-ignore: decorator
@inline
export function openRecord(next: u32): void {
  index = next;
  const span = values + (<usize>next << 3);
  valueAt = frameAt + <usize>load<u32>(span);
  valueLength = load<i32>(span, 4);
  generation++;
  changes = 0;
  clearFailure();
}

/** Closes the record in hand with a filter's decision. False when the host must take the answer before the next record. */
// @ts-ignore: decorator
@inline
export function closeFilter(keep: boolean): boolean {
  if (changes != 0 || writer.isUsed) failWith("a filter cannot change records; export a map for that");
  return complete(hasFailed ? closeFailed() : keep ? kept : dropped);
}

/** Closes the record in hand as a map does, when it is kept. */
// @ts-ignore: decorator
@inline
export function closeFilterMap(keep: boolean): boolean {
  if (keep || hasFailed) return closeMap();
  forgetOutput();
  writer.reset();
  return complete(dropped);
}

/** Closes the record in hand with all that a map has set. */
// @ts-ignore: decorator
@inline
export function closeMap(): boolean {
  if (writer.isUsed) takeWritten();
  if (isOverflown) failWith("the module makes too much of this record, the limit is 16 MiB");
  return complete(hasFailed ? closeFailed() : changes == 0 ? kept : closeReplaced());
}

/** Sets the verdict of the record in hand and goes on. False when the host must take the answer before the next record. */
// @ts-ignore: decorator
@inline
export function complete(verdict: u32): boolean {
  store<u8>(verdicts + index, verdict);
  setCursor(index + 1);
  recordArena.reset();
  collectIfDue();
  return !isFull;
}

function closeFailed(): u32 {
  forgetOutput();
  writer.reset();
  const text = failureText();
  const at = textOut(text.length > failureUnitsMax ? text.slice(0, failureUnitsMax) : text);
  setSpan(newValues, at, textLength);
  keepOutput();
  return failed;
}

function closeReplaced(): u32 {
  if ((changes & valueChanged) != 0) setSpan(newValues, valueAt, valueLength);
  if ((changes & keyChanged) != 0) setSpan(newKeys, changedKeyAt, changedKeyLength);
  if ((changes & headersChanged) != 0) setSpan(newHeaders, changedHeadersAt, changedHeadersLength);
  if ((changes & timestampChanged) != 0) store<i64>(newTimestamps + (<usize>index << 3), changedTimestamp);
  keepOutput();
  return replaced | changes;
}

// @ts-ignore: decorator
@inline
function setSpan(spans: usize, at: usize, length: u32): void {
  const span = spans + (<usize>index << 3);
  store<u32>(span, at);
  store<u32>(span, length, 4);
}

function takeWritten(): void {
  const problem = writer.finish();
  if (problem.length > 0) failWith(problem);
  else if ((changes & valueChanged) != 0) failWith("the module both sets the value and writes to the output");
  else changeValue(writer.writtenAt, <i32>writer.writtenLength);
  writer.reset();
}

/** Lets the record have another value, which may lie anywhere: what would not stay until the host takes it is copied. */
export function changeValue(at: usize, length: i32): void {
  valueAt = stay(at, length);
  valueLength = length;
  changes |= valueChanged;
  generation++;
}

/** Lets the record have another value, given as a text. */
export function changeValueText(text: string): void {
  valueAt = textOut(text);
  valueLength = textLength;
  changes |= valueChanged;
  generation++;
}

export function changeKey(at: usize, length: i32): void {
  changedKeyAt = stay(at, length);
  changedKeyLength = length;
  changes |= keyChanged;
}

export function changeKeyText(text: string): void {
  changedKeyAt = textOut(text);
  changedKeyLength = textLength;
  changes |= keyChanged;
}

export function removeKey(): void {
  changedKeyAt = 0;
  changedKeyLength = absent;
  changes |= keyChanged;
}

export function changeTimestamp(timestamp: i64): void {
  changedTimestamp = timestamp;
  changes |= timestampChanged;
}

/** Lets the record have other headers, given as a header block that may lie anywhere. */
export function changeHeaders(at: usize, length: u32): void {
  changedHeadersAt = length == 0 ? 0 : copyOut(at, length);
  changedHeadersLength = length;
  changes |= headersChanged;
}

/** The header block of the record in hand. */
export function headersLength(): u32 {
  if ((changes & headersChanged) != 0) return changedHeadersLength;
  return headers == 0 ? 0 : load<u32>(headers + (<usize>index << 3), 4);
}

export function headersAt(): usize {
  if ((changes & headersChanged) != 0) return changedHeadersAt;
  return headers == 0 ? 0 : frameAt + <usize>load<u32>(headers + (<usize>index << 3));
}

/** Whether bytes stand in what the host sent, so that they stay as long as its batch. */
export function isInput(at: usize): boolean {
  return at - frameAt < frameBytes;
}

/** The address of the bytes, or of a copy when they lie neither in the input nor in the output. */
export function stay(at: usize, length: i32): usize {
  if (at - frameAt < frameBytes || at - outputAt < outputBytes) return at;
  if (at == writer.writtenAt) return at;
  return copyOut(at, length);
}

/** Length of the key in hand, or `absent`. */
export function keyLength(): u32 {
  if ((changes & keyChanged) != 0) return changedKeyLength;
  return keys == 0 ? absent : load<u32>(keys + (<usize>index << 3), 4);
}

export function keyAt(): usize {
  if ((changes & keyChanged) != 0) return changedKeyAt;
  return keys == 0 ? 0 : frameAt + <usize>load<u32>(keys + (<usize>index << 3));
}

export function timestamp(): i64 {
  if ((changes & timestampChanged) != 0) return changedTimestamp;
  return timestamps == 0
    ? load<i64>(frameAt + frameBaseTimestampPlace)
    : load<i64>(timestamps + (<usize>index << 3));
}

export function offset(): i64 {
  if (offsets != 0) return load<i64>(offsets + (<usize>index << 3));
  const base = load<i64>(frameAt + frameBaseOffsetPlace);
  return base < 0 ? base : base + index;
}
