import { hashBytes } from "../hash/fast";
import { Arena } from "../memory/arena";
import { ByteClasses, isWordByte } from "./byte-classes";
import { placeEnd, placeStart, placeWordEdge } from "./node";
import { Program, stepByte, stepMatch, stepPlace } from "./program";

/* Transitions: addresses of states, and three that are none. */
const unknown: usize = 0;
const dead: usize = 1;
const matched: usize = 2;

/* Flags of a state. */
const isAtStart: u32 = 1;
const isAfterWord: u32 = 2;

/** States that are kept at most, and their bytes at most. */
const statesMax: usize = 1024;
const stateBytesMax: usize = 1 << 20;
/** Twice as many as states; a power of two. */
const slotCount: u32 = 2048;

/**
 * Runs a program over bytes in time that is in proportion to their number, whatever the pattern is: all ways through the program are gone at
 * once, and a set of steps that was met before is a state whose transitions are known. When there are too many of these, all are forgotten.
 *
 * A state in memory:
 *
 *     transition u32 × (classes + 1) · flags u32 · steps to go on with, one bit each
 *
 * The last transition is the end of the text. Places are decided when the byte after them is known, so that a match is seen one byte later.
 */
export class Automaton {
  private program: Program;
  private classes: ByteClasses;
  private states: Arena = new Arena();
  private slots: StaticArray<u32> = new StaticArray<u32>(slotCount);
  private stateCount: usize = 0;
  private stateCountMax: usize;
  private transitionBytes: usize;
  /** Bytes of the flags and steps. */
  private keyBytes: usize;
  /** Flags and steps of the state that is being made. */
  private key: StaticArray<u8>;
  /** Number of the last search for ways that met a step. */
  private met: StaticArray<u64>;
  private search: u64 = 0;
  private stack: StaticArray<i32>;
  private first: usize = 0;

  constructor(program: Program) {
    const classes = new ByteClasses(program);
    const transitionBytes = <usize>((classes.count + 1) << 2);
    const keyBytes = <usize>(((program.length + 31) >> 5) << 2) + 4;
    this.program = program;
    this.classes = classes;
    this.transitionBytes = transitionBytes;
    this.keyBytes = keyBytes;
    this.key = new StaticArray<u8>(<i32>keyBytes);
    this.met = new StaticArray<u64>(program.length);
    this.stack = new StaticArray<i32>(program.length * 2 + 1);
    this.stateCountMax = min(statesMax, stateBytesMax / (transitionBytes + keyBytes));
  }

  /** Whether there is a match anywhere in the bytes. */
  matches(at: usize, length: usize): boolean {
    const classOf = changetype<usize>(this.classes.classOf);
    let state = this.first == 0 ? this.makeFirst() : this.first;
    for (const end = at + length; at < end; at++) {
      const byteClass = <usize>load<u8>(classOf + load<u8>(at));
      let next = <usize>load<u32>(state + (byteClass << 2));
      if (next <= matched) {
        if (next == unknown) next = this.step(state, <i32>byteClass);
        if (next <= matched) return next == matched;
      }
      state = next;
    }
    const ending = this.classes.count;
    const last = <usize>load<u32>(state + (<usize>ending << 2));
    return (last == unknown ? this.step(state, ending) : last) == matched;
  }

  private makeFirst(): usize {
    this.clearKey(isAtStart);
    this.enter(this.program.start);
    this.first = this.stateOfKey();
    return this.first;
  }

  /** Finds where a class of bytes leads to from a state. */
  private step(state: usize, byteClass: i32): usize {
    const isEnd = byteClass == this.classes.count;
    const byte = isEnd ? -1 : <i32>this.classes.sampleOf[byteClass];
    const flags = load<u32>(state + this.transitionBytes);
    const isWord = !isEnd && this.classes.hasWordEdges && isWordByte(byte);
    this.clearKey(isWord ? isAfterWord : 0);
    this.search++;
    let next = dead;
    if (this.follow(state + this.transitionBytes + 4, flags, byte, isWord)) next = matched;
    else if (!isEnd) {
      if (!this.program.isAnchored) this.enter(this.program.start);
      if (!this.isKeyEmpty) {
        const known = this.stateCount;
        next = this.stateOfKey();
        // Where all was forgotten, the state that this is a transition of is gone, too.
        if (this.stateCount < known) return next;
      }
    }
    store<u32>(state + (<usize>byteClass << 2), next);
    return next;
  }

  /** Goes all ways from the steps of a state over a byte, or the end (-1). True when one of them is a match before that byte. */
  private follow(steps: usize, flags: u32, byte: i32, isWord: boolean): boolean {
    for (let i = 0, count = this.program.length; i < count; i++) {
      const bits = load<u32>(steps + <usize>((i >> 5) << 2)) >> (i & 31);
      if (bits == 0) i |= 31;
      else if ((bits & 1) != 0 && this.followOne(i, flags, byte, isWord)) return true;
    }
    return false;
  }

  private followOne(from: i32, flags: u32, byte: i32, isWord: boolean): boolean {
    const program = this.program;
    let depth = 1;
    this.stack[0] = from;
    while (depth > 0) {
      const step = this.stack[--depth];
      if (this.met[step] == this.search) continue;
      this.met[step] = this.search;
      const kind = unchecked(program.kinds[step]);
      const first = unchecked(program.firsts[step]);
      const next = unchecked(program.nexts[step]);
      if (kind == stepMatch) return true;
      if (kind == stepByte) {
        if (byte >= first && byte <= unchecked(program.lasts[step])) this.enter(next);
      } else if (kind == stepPlace) {
        if (isPlace(first, flags, byte, isWord)) this.stack[depth++] = next;
      } else {
        this.stack[depth++] = first;
        this.stack[depth++] = next;
      }
    }
    return false;
  }

  private clearKey(flags: u32): void {
    memory.fill(changetype<usize>(this.key), 0, this.keyBytes);
    store<u32>(changetype<usize>(this.key), flags);
  }

  private enter(step: i32): void {
    const at = changetype<usize>(this.key) + 4 + <usize>((step >> 5) << 2);
    store<u32>(at, load<u32>(at) | (<u32>1 << (step & 31)));
  }

  private get isKeyEmpty(): boolean {
    const at = changetype<usize>(this.key);
    for (let i: usize = 4; i < this.keyBytes; i += 4) if (load<u32>(at + i) != 0) return false;
    return true;
  }

  /** The state with the flags and steps of `key`, made where there is none. */
  private stateOfKey(): usize {
    const key = changetype<usize>(this.key);
    const slots = changetype<usize>(this.slots);
    let slot = <u32>hashBytes(key, this.keyBytes, 0) & (slotCount - 1);
    while (true) {
      const state = <usize>load<u32>(slots + (<usize>slot << 2));
      if (state == 0) break;
      if (memory.compare(state + this.transitionBytes, key, this.keyBytes) == 0) return state;
      slot = (slot + 1) & (slotCount - 1);
    }
    if (this.stateCount == this.stateCountMax) {
      this.forgetStates();
      slot = <u32>hashBytes(key, this.keyBytes, 0) & (slotCount - 1);
    }
    const state = this.states.take(this.transitionBytes + this.keyBytes);
    memory.fill(state, 0, this.transitionBytes);
    memory.copy(state + this.transitionBytes, key, this.keyBytes);
    store<u32>(slots + (<usize>slot << 2), state);
    this.stateCount++;
    return state;
  }

  private forgetStates(): void {
    this.states.reset();
    this.slots.fill(0);
    this.stateCount = 0;
    this.first = 0;
  }
}

function isPlace(place: i32, flags: u32, byte: i32, isWord: boolean): boolean {
  if (place == placeStart) return (flags & isAtStart) != 0;
  if (place == placeEnd) return byte < 0;
  const isEdge = ((flags & isAfterWord) != 0) != isWord;
  if (place == placeWordEdge) return isEdge;
  // Within a character, before a byte that continues one, there is no place.
  return !isEdge && (byte < 0x80 || byte > 0xbf);
}
