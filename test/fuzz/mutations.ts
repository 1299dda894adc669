import type { Dice } from "../support/dice.ts";

/** Numbers at which fields change their meaning, or sums of fields overflow. */
const edges = [
  0,
  1,
  2,
  3,
  4,
  7,
  8,
  15,
  16,
  63,
  64,
  65,
  72,
  255,
  256,
  65_535,
  65_536,
  2 ** 26,
  2 ** 31 - 1,
  2 ** 31,
];

/** A number for a 32-bit field: at an edge, near what is there, or any. */
export function anyField(dice: Dice, present: number): number {
  switch (dice.below(4)) {
    case 0:
      return dice.pick(edges);
    case 1:
      return 2 ** 32 - dice.between(1, 16);
    case 2:
      return (present + dice.pick([-8, -4, -1, 1, 4, 8])) >>> 0;
    default:
      return dice.below(400);
  }
}

/** Changes bytes that have no fields, or whose fields do not matter. */
export function damage(
  bytes: Uint8Array<ArrayBuffer>,
  dice: Dice,
  tokens: readonly string[] = [],
): Uint8Array<ArrayBuffer> {
  const at = dice.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + dice.between(1, 12));
  switch (dice.below(6)) {
    case 0: {
      const changed = bytes.slice();
      if (at < bytes.length) changed[at] = (changed[at] as number) ^ (1 << dice.below(8));
      return changed;
    }
    case 1:
      return joined(bytes.subarray(0, at), bytes.subarray(to));
    case 2:
      return joined(bytes.subarray(0, to), bytes.subarray(at));
    case 3:
      return bytes.slice(0, at);
    case 4:
      return joined(bytes.subarray(0, at), dice.bytes(dice.between(1, 4)), bytes.subarray(at));
    default: {
      const token = tokens.length === 0 ? "\n" : dice.pick(tokens);
      return joined(bytes.subarray(0, at), Buffer.from(token), bytes.subarray(dice.oneIn(2) ? at : to));
    }
  }
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}
