/*
 * What is to be changed in a record, in the order in which it stands there. It is noted while the record is walked through, and decided at the end of
 * each object, when it is known which names it has.
 */

import { Record } from "millrace/assemblyscript";
import { addPiece, beginPieces, endPieces } from "millrace/assemblyscript/record/pieces";
import { isRemoved, isRenamed, Rule, stays } from "./level";

/* An edit: rule, number of the object, name span, comma before, end of the value, next name, whether another member stays before, outcome. */
const rulePlace: usize = 0;
const objectPlace: usize = 4;
const fromPlace: usize = 8;
const toPlace: usize = 12;
const commaPlace: usize = 16;
const valueEndPlace: usize = 20;
const nextPlace: usize = 24;
const isBehindPlace: usize = 28;
const outcomePlace: usize = 32;
const editBytes: usize = 40;
const editsMin: u32 = 64;

let edits: usize = 0;
let room: u32 = 0;
/** Members that were noted. */
export let editCount: u32 = 0;
/** Those of them that change. */
let changeCount: u32 = 0;
let bytesMax: usize = 0;

export function resetEdits(): void {
  editCount = 0;
  changeCount = 0;
}

/** Notes a member. `comma` is the address of the comma before it, 0 for the first; `isBehind` says that one before it stays anyway. */
export function noteMember(rule: Rule, object: u32, nameAt: usize, nameEnd: usize, comma: usize, isBehind: boolean): u32 {
  if (editCount == room) grow();
  const edit = edits + <usize>editCount * editBytes;
  store<usize>(edit, changetype<usize>(rule), rulePlace);
  store<u32>(edit, object, objectPlace);
  store<usize>(edit, nameAt, fromPlace);
  store<usize>(edit, nameEnd, toPlace);
  store<usize>(edit, comma, commaPlace);
  store<u32>(edit, u32(isBehind), isBehindPlace);
  store<u32>(edit, stays, outcomePlace);
  return editCount++;
}

/** Notes where a member's value ends, and where the next name is, or 0. */
export function endMember(index: u32, valueEnd: usize, next: usize): void {
  const edit = edits + <usize>index * editBytes;
  store<usize>(edit, valueEnd, valueEndPlace);
  store<usize>(edit, next, nextPlace);
}

function grow(): void {
  const larger = max(room * 2, editsMin);
  const block = heap.alloc(<usize>larger * editBytes);
  if (edits != 0) {
    memory.copy(block, edits, <usize>editCount * editBytes);
    heap.free(edits);
  }
  edits = block;
  room = larger;
}

/** Does what was decided for the members of an object, which are among those noted from a place on. */
export function decideMembers(from: u32, object: u32): void {
  let isBehind = false;
  for (let i = from; i < editCount; i++) {
    const edit = edits + <usize>i * editBytes;
    if (load<u32>(edit, objectPlace) != object) continue;
    const outcome = changetype<Rule>(load<usize>(edit, rulePlace)).outcome;
    store<u32>(edit, outcome, outcomePlace);
    if (outcome != stays) changeCount++;
    if (outcome != isRemoved) {
      isBehind = true;
      continue;
    }
    // One comma goes as well: the one before, or where nothing stays before it, the one behind.
    const next = load<usize>(edit, nextPlace);
    const hasBefore = isBehind || load<u32>(edit, isBehindPlace) != 0;
    if (hasBefore) store<usize>(edit, load<usize>(edit, commaPlace), fromPlace);
    store<usize>(edit, hasBefore || next == 0 ? load<usize>(edit, valueEndPlace) : next, toPlace);
  }
}

/** Gives the record its new value. */
export function applyEdits(record: Record): void {
  if (changeCount == 0) return;
  const value = record.value;
  bytesMax = value.length;
  for (let i: u32 = 0; i < editCount; i++) bytesMax += newNameLength(edits + <usize>i * editBytes);
  if (!beginPieces(bytesMax)) return;
  let copied = value.at;
  for (let i: u32 = 0; i < editCount; i++) {
    const edit = edits + <usize>i * editBytes;
    const outcome = load<u32>(edit, outcomePlace);
    const from = load<usize>(edit, fromPlace);
    // What is inside of a member that went before is gone.
    if (outcome == stays || from < copied) continue;
    addPiece(copied, from - copied);
    if (outcome == isRenamed) addPiece(newNameAt(edit), newNameLength(edit));
    copied = load<usize>(edit, toPlace);
  }
  addPiece(copied, value.at + value.length - copied);
  record.value = endPieces();
}

/** The new name in quotes; a `JsonName` has a comma before it and a colon behind it. */
function newNameAt(edit: usize): usize {
  const name = changetype<Rule>(load<usize>(edit, rulePlace)).newName;
  return name === null ? 0 : name.at + 1;
}

function newNameLength(edit: usize): usize {
  const name = changetype<Rule>(load<usize>(edit, rulePlace)).newName;
  return name === null ? 0 : <usize>name.length - 2;
}
