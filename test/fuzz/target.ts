import type { Dice } from "../support/dice.ts";

/** What is given one input after the other, and must keep to its law with each. */
export interface FuzzTarget {
  readonly name: string;
  /** What holds for any input, as a sentence. */
  readonly law: string;
  /** Makes ready what takes time. */
  prepare(): Promise<PreparedTarget>;
}

/** Inputs are bytes, so that one that breaks the law can be kept as a file. */
export interface PreparedTarget {
  /**
   * An input that is mostly almost right.
   * @param number tells the inputs of a target apart, for those that are made of a number alone
   */
  make(dice: Dice, number: number): Uint8Array<ArrayBuffer>;
  /** @throws whatever breaks the law */
  check(input: Uint8Array<ArrayBuffer>): Promise<void> | void;
}

/** A law that does not hold. */
class BrokenLaw extends Error {}

export function mustHold(condition: boolean, what: string): asserts condition {
  if (!condition) throw new BrokenLaw(what);
}
