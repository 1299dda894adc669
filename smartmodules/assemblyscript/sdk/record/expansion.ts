/*
 * The records that an array-map makes of the one in hand. They are noted first and handed over together when it is complete: the
 * host takes all records of a source or none.
 *
 * When the host's columns have no room for them, the call ends before the record in hand and what was made of it is kept, until the host has
 * made room: the author's function is never called twice for a record.
 */

import { controlWord, setControlWord } from "../abi/control";
import {
  changesAtPlace,
  dropped,
  emittedMaxPlace,
  emittedPlace,
  expanded,
  failed,
  headersAtPlace,
  keyChanged,
  keysAtPlace,
  sourcesAtPlace,
  timestampChanged,
  timestampsAtPlace,
  valueChanged,
  valuesAtPlace,
} from "../abi/layout";
import { Arena } from "../memory/arena";
import { copyOut, forgetOutput, isFull, isOverflown, keepOutput, textLength, textOut } from "../memory/output";
import { Slice } from "../text/slice";
import { complete, index, isInput, stay, writer } from "./batch";
import { failureText, failWith, hasFailed } from "./failure";

/* A noted record: value span, key span, timestamp, changes. */
const valueAtPlace: usize = 0;
const valueLengthPlace: usize = 4;
const keyAtPlace: usize = 8;
const keyLengthPlace: usize = 12;
const timestampPlace: usize = 16;
const changesPlace: usize = 24;
const noteBytes: usize = 32;
const notesMin: u32 = 64;

/** People read error texts; longer ones are cut. */
const failureUnitsMax: i32 = 1024;

/** The call goes on with the next record. */
export const goOn: i32 = 0;
/** The host must take the answer first. */
export const stopBehind: i32 = 1;
/** The host must make room for the record in hand first. */
export const stopBefore: i32 = 2;

let notes: usize = 0;
let notesRoom: u32 = 0;
let noteCount: u32 = 0;

let emitted: u32 = 0;

/** A record waits for room: its index, and its verdict. */
let isWaiting: boolean = false;
let waitingIndex: u32 = 0;
let waitingVerdict: u32 = 0;
/** What was made for the record that waits. */
let waitingArena: Arena = new Arena();
/** What was made for the one before it, which the host takes at the end of the call that hands it over; another record may have to wait before. */
let handedArena: Arena | null = null;

/** Begins a call; hands over the record that has waited, and returns the index of the first one that is still to be worked on. */
export function openExpansion(first: u32): u32 {
  emitted = 0;
  setControlWord(emittedPlace, 0);
  if (!isWaiting) return first;
  if (waitingIndex == first) {
    if (!hasColumns()) return first;
    handOver(first);
    complete(waitingVerdict);
    first++;
  }
  isWaiting = false;
  noteCount = 0;
  const taken = handedArena;
  handedArena = waitingArena;
  waitingArena = taken === null ? new Arena() : taken;
  waitingArena.reset();
  return first;
}

/** True when the host has made too little room again, and is to make more. */
export function mustWait(): boolean {
  return isWaiting;
}

/** Closes the record in hand with all that was emitted for it: `goOn`, `stopBehind` or `stopBefore`. */
export function closeArrayMap(): i32 {
  if (writer.isUsed) failWith("the module has written to the output and not emitted it");
  if (isOverflown) failWith("the module makes too much of this record, the limit is 16 MiB");
  let verdict = noteCount == 0 ? dropped : expanded;
  if (hasFailed) {
    verdict = failed;
    noteFailure();
  }
  if (!hasColumns()) {
    wait(verdict);
    return stopBefore;
  }
  handOver(index);
  noteCount = 0;
  keepOutput();
  return complete(verdict) ? goOn : stopBehind;
}

function noteFailure(): void {
  forgetOutput();
  writer.reset();
  noteCount = 0;
  const text = failureText();
  const at = textOut(text.length > failureUnitsMax ? text.slice(0, failureUnitsMax) : text);
  note(at, textLength, 0);
}

function hasColumns(): boolean {
  return emitted + noteCount <= <u32>controlWord(emittedMaxPlace);
}

function wait(verdict: u32): void {
  isWaiting = true;
  waitingIndex = index;
  waitingVerdict = verdict;
  for (let i: u32 = 0; i < noteCount; i++) {
    const at = notes + <usize>i * noteBytes;
    keepSpan(at + valueAtPlace);
    if ((load<u32>(at + changesPlace) & keyChanged) != 0) keepSpan(at + keyAtPlace);
  }
  forgetOutput();
}

/** The output region is the host's until it calls again, and may lie elsewhere then; the input stays. */
function keepSpan(span: usize): void {
  const at = <usize>load<u32>(span);
  const length = <usize>load<u32>(span, 4);
  if (at == 0 || length == 0 || isInput(at)) return;
  const kept = waitingArena.take(length);
  memory.copy(kept, at, length);
  store<u32>(span, kept);
}

function handOver(source: u32): void {
  const values = controlWord(valuesAtPlace);
  const keys = controlWord(keysAtPlace);
  const timestamps = controlWord(timestampsAtPlace);
  const sources = controlWord(sourcesAtPlace);
  const changes = controlWord(changesAtPlace);
  for (let i: u32 = 0; i < noteCount; i++) {
    const from = notes + <usize>i * noteBytes;
    const to = <usize>emitted;
    store<u32>(sources + (to << 2), source);
    store<u8>(changes + to, load<u32>(from + changesPlace));
    store<u64>(values + (to << 3), load<u64>(from + valueAtPlace));
    store<u64>(keys + (to << 3), load<u64>(from + keyAtPlace));
    store<i64>(timestamps + (to << 3), load<i64>(from + timestampPlace));
    emitted++;
  }
  setControlWord(emittedPlace, emitted);
}

function note(at: usize, length: u32, changes: u32): void {
  if (noteCount == notesRoom) {
    const room = max(notesRoom * 2, notesMin);
    const larger = heap.alloc(<usize>room * noteBytes);
    if (notes != 0) {
      memory.copy(larger, notes, <usize>noteCount * noteBytes);
      heap.free(notes);
    }
    notes = larger;
    notesRoom = room;
  }
  const to = notes + <usize>noteCount * noteBytes;
  noteCount++;
  store<u32>(to + valueAtPlace, at);
  store<u32>(to + valueLengthPlace, length);
  store<u32>(to + changesPlace, changes);
}

/** The record that was emitted last. What is not set it takes over from the record it was made of. */
export class Emitted {
  set key(key: Slice) {
    const to = this.last(keyChanged);
    store<u32>(to + keyAtPlace, stay(key.at, key.length));
    store<u32>(to + keyLengthPlace, key.length);
  }

  setKey(text: string): void {
    const to = this.last(keyChanged);
    store<u32>(to + keyAtPlace, textOut(text));
    store<u32>(to + keyLengthPlace, textLength);
  }

  removeKey(): void {
    const to = this.last(keyChanged);
    store<u32>(to + keyAtPlace, 0);
    store<u32>(to + keyLengthPlace, u32.MAX_VALUE);
  }

  set timestamp(milliseconds: i64) {
    store<i64>(this.last(timestampChanged) + timestampPlace, milliseconds);
  }

  private last(change: u32): usize {
    const to = notes + <usize>(noteCount - 1) * noteBytes;
    store<u32>(to + changesPlace, load<u32>(to + changesPlace) | change);
    return to;
  }
}

const last: Emitted = new Emitted();

/** Emits a record with this value, which is copied only when it lies neither in the record in hand nor in the output. */
export function emitSlice(at: usize, length: i32): Emitted {
  note(stay(at, length), length, valueChanged);
  return last;
}

export function emitText(text: string): Emitted {
  const at = textOut(text);
  note(at, textLength, valueChanged);
  return last;
}

/** Emits a record with what was written to the output. */
export function emitOutput(): Emitted {
  const problem = writer.finish();
  if (problem.length > 0) failWith(problem);
  // A copy, since the next record is written to the same place.
  else note(copyOut(writer.writtenAt, writer.writtenLength), <u32>writer.writtenLength, valueChanged);
  writer.reset();
  return last;
}
