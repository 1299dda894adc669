/*
 * Characters as UTF-8: a range of code points becomes some sequences of ranges of bytes, such as E0 A0–BF 80–BF.
 */

/** Lengths, and first and last byte of each place, of the sequences of a range: [length, first, last, first, last …]*. */
export function utf8Sequences(first: i32, last: i32): i32[] {
  const sequences: i32[] = [];
  // Halves of surrogate pairs are no characters in UTF-8.
  addRange(first, min(last, 0xd7ff), sequences);
  addRange(max(first, 0xe000), last, sequences);
  return sequences;
}

function addRange(first: i32, last: i32, sequences: i32[]): void {
  let from = first;
  while (from <= last) {
    const until = min(last, from < 0x80 ? 0x7f : from < 0x800 ? 0x7ff : from < 0x10000 ? 0xffff : 0x10ffff);
    addSameLength(from, until, sequences);
    from = until + 1;
  }
}

/** A range whose characters take the same number of bytes; it is split until all but its leading bytes run over all that they can be. */
function addSameLength(first: i32, last: i32, sequences: i32[]): void {
  const length = first < 0x80 ? 1 : first < 0x800 ? 2 : first < 0x10000 ? 3 : 4;
  for (let place = 1; place < length; place++) {
    const rest = (1 << (6 * place)) - 1;
    if ((first & ~rest) == (last & ~rest)) continue;
    if ((first & rest) != 0) {
      addSameLength(first, first | rest, sequences);
      addSameLength((first | rest) + 1, last, sequences);
      return;
    }
    if ((last & rest) != rest) {
      addSameLength(first, (last & ~rest) - 1, sequences);
      addSameLength(last & ~rest, last, sequences);
      return;
    }
  }
  sequences.push(length);
  for (let place = length - 1; place >= 0; place--) {
    sequences.push(byteOf(first, place, length));
    sequences.push(byteOf(last, place, length));
  }
}

/** The byte of a character that `place` others follow. */
function byteOf(point: i32, place: i32, length: i32): i32 {
  const bits = point >> (6 * place);
  if (place < length - 1) return 0x80 | (bits & 0x3f);
  return length == 1 ? bits : ((0xf00 >> length) & 0xff) | bits;
}
