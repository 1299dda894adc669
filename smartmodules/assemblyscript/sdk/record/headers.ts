import { recordArena } from "../memory/arena";
import { Slice } from "../text/slice";
import { borrowedAt, borrowedLength, borrowText } from "../text/utf8";
import { sameBytes } from "../text/bytes";
import { changeHeaders, headersAt, headersLength } from "./batch";

/* A header block: count u32, then count x { nameLength u32, valueLength u32, name, value }. */
const countBytes: usize = 4;
const lengthsBytes: usize = 8;

/** The headers of the record in hand, in their order; a name may stand there more than once. */
export class Headers {
  private nameSlice: Slice = new Slice();
  private valueSlice: Slice = new Slice();

  get count(): i32 {
    return headersLength() == 0 ? 0 : load<i32>(headersAt());
  }

  /** The name of a header, borrowed as all of a record is. Traps when there is none at that place. */
  name(position: i32): Slice {
    const at = this.entryAt(position);
    this.nameSlice.set(at + lengthsBytes, load<i32>(at));
    return this.nameSlice;
  }

  value(position: i32): Slice {
    const at = this.entryAt(position);
    this.valueSlice.set(at + lengthsBytes + <usize>load<u32>(at), load<i32>(at, 4));
    return this.valueSlice;
  }

  /** Place of the first header of this name, or -1. */
  find(name: string): i32 {
    borrowText(name);
    const count = this.count;
    let at = headersAt() + countBytes;
    for (let i = 0; i < count; i++) {
      if (isNamed(at, borrowedAt, borrowedLength)) return i;
      at += entryBytes(at);
    }
    return -1;
  }

  /** Adds a header behind the others. */
  add(name: string, value: Slice): void {
    this.rebuild(name, false, value.at, value.length);
  }

  /** Sets the header of this name, in place of all that there are. */
  set(name: string, value: Slice): void {
    this.rebuild(name, true, value.at, value.length);
  }

  /** Removes all headers of this name. */
  remove(name: string): void {
    this.rebuild(name, true, 0, -1);
  }

  private entryAt(position: i32): usize {
    if (<u32>position >= <u32>this.count) throw new RangeError("there is no header at that place");
    let at = headersAt() + countBytes;
    for (let i = 0; i < position; i++) at += entryBytes(at);
    return at;
  }

  /** A new block: the headers, without those of the name where it is replaced, and one more where its value has a length. */
  private rebuild(name: string, isReplacing: boolean, valueAt: usize, valueLength: i32): void {
    borrowText(name);
    const nameAt = borrowedAt;
    const nameLength = borrowedLength;
    const count = this.count;
    const room = <usize>headersLength() + countBytes + lengthsBytes + nameLength + <usize>max(valueLength, 0);
    const block = recordArena.take(room);
    let to = block + countBytes;
    let left = 0;
    let from = headersAt() + countBytes;
    for (let i = 0; i < count; i++) {
      const bytes = entryBytes(from);
      if (!isReplacing || !isNamed(from, nameAt, nameLength)) {
        memory.copy(to, from, bytes);
        to += bytes;
        left++;
      }
      from += bytes;
    }
    if (valueLength >= 0) {
      store<u32>(to, <u32>nameLength);
      store<u32>(to, valueLength, 4);
      memory.copy(to + lengthsBytes, nameAt, nameLength);
      memory.copy(to + lengthsBytes + nameLength, valueAt, valueLength);
      to += lengthsBytes + nameLength + <usize>valueLength;
      left++;
    }
    store<u32>(block, left);
    changeHeaders(block, left == 0 ? 0 : <u32>(to - block));
  }
}

function entryBytes(at: usize): usize {
  return lengthsBytes + <usize>load<u32>(at) + <usize>load<u32>(at, 4);
}

function isNamed(at: usize, name: usize, length: usize): boolean {
  return <usize>load<u32>(at) == length && sameBytes(at + lengthsBytes, name, length);
}
