const lastPoint: i32 = 0x10ffff;

/** A set of characters: pairs of first and last code points. */
export class Ranges {
  /** First, last, first, last … in any order until `settle`. */
  points: i32[] = [];

  add(first: i32, last: i32): Ranges {
    this.points.push(first);
    this.points.push(last);
    return this;
  }

  addAll(other: Ranges): Ranges {
    for (let i = 0; i < other.points.length; i++) this.points.push(other.points[i]);
    return this;
  }

  /** Adds the letters of ASCII that differ from those of the set only in being capital or small. */
  ignoreCase(): Ranges {
    for (let i = 0, count = this.points.length; i < count; i += 2) {
      this.addShifted(this.points[i], this.points[i + 1], 0x41, 0x20);
      this.addShifted(this.points[i], this.points[i + 1], 0x61, -0x20);
    }
    return this;
  }

  private addShifted(first: i32, last: i32, letter: i32, by: i32): void {
    const from = max(first, letter);
    const until = min(last, letter + 25);
    if (from <= until) this.add(from + by, until + by);
  }

  /** Puts the pairs in order and joins those that touch. */
  settle(): Ranges {
    const pairs: i64[] = [];
    for (let i = 0; i < this.points.length; i += 2) pairs.push((<i64>this.points[i] << 32) | this.points[i + 1]);
    pairs.sort((one, other) => i32(one > other) - i32(one < other));
    const points: i32[] = [];
    for (let i = 0; i < pairs.length; i++) {
      const first = <i32>(pairs[i] >> 32);
      const last = <i32>pairs[i];
      const end = points.length - 1;
      if (end >= 0 && first <= points[end] + 1) points[end] = max(points[end], last);
      else {
        points.push(first);
        points.push(last);
      }
    }
    this.points = points;
    return this;
  }

  /** All characters that are not in the set. */
  inverted(): Ranges {
    this.settle();
    const others = new Ranges();
    let next = 0;
    for (let i = 0; i < this.points.length; i += 2) {
      if (this.points[i] > next) others.add(next, this.points[i] - 1);
      next = this.points[i + 1] + 1;
    }
    if (next <= lastPoint) others.add(next, lastPoint);
    return others;
  }
}

/** The characters of `\d`, `\w` and `\s`, which are those of ASCII. */
export function classRanges(letter: i32): Ranges {
  const ranges = new Ranges();
  const small = letter | 0x20;
  if (small != 0x73) ranges.add(0x30, 0x39);
  else ranges.add(0x09, 0x0d).add(0x20, 0x20);
  if (small == 0x77) ranges.add(0x41, 0x5a).add(0x5f, 0x5f).add(0x61, 0x7a);
  return small == letter ? ranges : ranges.inverted();
}
