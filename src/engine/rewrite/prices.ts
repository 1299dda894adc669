import { atomic, numeric, opcode } from "./opcodes.ts";

/*
 * What code costs, in units of fuel.
 *
 *   an instruction                 1, as it stands in the binary; block, loop, else, end and nop cost nothing
 *   a call of a function           1, and 1 for each of its local variables
 *   a pass through a loop          1
 *   an instruction on many bytes   as in `payments`, by how many they are
 *
 * A stretch of code is charged where it begins: a function at its entry for all that is outside of its loops, and a loop at
 * each pass for all that is in it and outside of inner loops; in each case for the longest way through. So what
 * runs costs at least what it should, with one subtraction for a pass.
 */

/** Beside what the instruction costs by its length. */
const callOutOfTheModule = 20;
const growth = 1000;

/** How an instruction pays for its last operand, which says how much it works on. */
export interface Payment {
  /** Steps by which the operand is shifted to become fuel: to the left where positive. */
  readonly shift: number;
  /** The operand has 64 bits. */
  readonly isLong: boolean;
  readonly fixed: number;
}

export const payments = [
  /** 8 bytes for 1. */
  { shift: -3, isLong: false, fixed: callOutOfTheModule },
  /** An element for 1. */
  { shift: 0, isLong: false, fixed: callOutOfTheModule },
  { shift: 0, isLong: false, fixed: growth },
  /** A page for 1024. */
  { shift: 10, isLong: false, fixed: growth },
  /** 2 ns for 1. Whoever waits for ever runs out of fuel instead. */
  { shift: -1, isLong: true, fixed: growth },
] as const satisfies readonly Payment[];

const [bytes, elements, tableGrowth, pages, time] = [0, 1, 2, 3, 4] as const;

const numericPayments = new Map<number, number>([
  [numeric.memoryInit, bytes],
  [numeric.memoryCopy, bytes],
  [numeric.memoryFill, bytes],
  [numeric.tableInit, elements],
  [numeric.tableCopy, elements],
  [numeric.tableFill, elements],
  [numeric.tableGrow, tableGrowth],
]);

/** The index of an instruction's payment, or -1 for one that pays nothing by length. */
export function paymentOf(code: number, second: number): number {
  if (code === opcode.memoryGrow) return pages;
  if (code === opcode.numericPrefix) return numericPayments.get(second) ?? -1;
  const isWait = second === atomic.wait32 || second === atomic.wait64;
  return code === opcode.atomicPrefix && isWait ? time : -1;
}
