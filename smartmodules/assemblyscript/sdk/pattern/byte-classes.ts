import { placeNoWordEdge, placeWordEdge } from "./node";
import { Program, stepByte, stepPlace } from "./program";

/** Whether a byte is a letter, a digit or an underscore of ASCII. */
export function isWordByte(byte: i32): boolean {
  const small = byte | 0x20;
  return (small >= 0x61 && small <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte == 0x5f;
}

/** Bytes that no step of a program tells apart are of one class, so that a state has few transitions. */
export class ByteClasses {
  /** The class of each byte. */
  readonly classOf: StaticArray<u8> = new StaticArray<u8>(256);
  /** A byte of each class. */
  readonly sampleOf: StaticArray<u8> = new StaticArray<u8>(256);
  readonly count: i32;
  /** The program asks where words begin and end. */
  readonly hasWordEdges: boolean;

  constructor(program: Program) {
    const begins = new StaticArray<boolean>(257);
    let hasWordEdges = false;
    for (let i = 0; i < program.length; i++) {
      if (program.kinds[i] == stepByte) {
        begins[program.firsts[i]] = true;
        begins[program.lasts[i] + 1] = true;
      } else if (program.kinds[i] == stepPlace && (program.firsts[i] == placeWordEdge || program.firsts[i] == placeNoWordEdge)) hasWordEdges = true;
    }
    // The bytes that continue a character are told from others, too.
    begins[0x80] = begins[0x80] || hasWordEdges;
    begins[0xc0] = begins[0xc0] || hasWordEdges;
    let count = 0;
    for (let byte = 0; byte < 256; byte++) {
      const isWordEdge = hasWordEdges && byte > 0 && isWordByte(byte) != isWordByte(byte - 1);
      if (byte == 0 || begins[byte] || isWordEdge) this.sampleOf[count++] = <u8>byte;
      this.classOf[byte] = <u8>(count - 1);
    }
    this.count = count;
    this.hasWordEdges = hasWordEdges;
  }
}
