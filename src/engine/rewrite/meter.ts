import type { ByteWriter } from "./byte-writer.ts";
import { type FunctionScan, place } from "./function-scan.ts";
import { opcode, valueType } from "./opcodes.ts";
import { type Payment, payments } from "./prices.ts";

/*
 * What is put into a function. G is the fuel of the instance, F a local variable of our own.
 *
 *   in a function without quick loops          in one that has a loop without calls
 *     entry, loop head:                          entry:
 *       F = G - cost; G = F                        F = G - cost
 *       if (F < 0) unreachable                     if (F < 0) { G = F; unreachable }
 *                                                  block  (its end is where branches out of the function lead)
 *                                                loop head:
 *                                                  F = F - cost
 *                                                  if (F < 0) { G = F; unreachable }
 *                                                before a call, before leaving:  G = F
 *                                                after a call:                   F = G
 *
 * A variable of the function lies in a register; a loop that went through memory at each pass would wait for it. An
 * instruction that pays by length does what a loop head does, with its last operand as the cost.
 */

const emptyBlock = 0x40;

/** What is put at many places of a function, which depends on the number of its variable and on which column it is in. */
interface Words {
  readonly getFuel: Uint8Array;
  readonly giveBack: Uint8Array;
  readonly takeBack: Uint8Array;
  /** On the stack are the fuel and the cost. */
  readonly stopWhenOut: Uint8Array;
}

/** Writes functions with a meter in them. */
export class Meter {
  readonly #out: ByteWriter;
  readonly #fuelGlobal: number;
  /** By twice the number of the variable, and one more where it holds the fuel between calls. */
  readonly #known: (Words | undefined)[] = [];
  #words: Words = wordsFor(0, 0, false);
  /** Variables for operands that say how much there is to do. */
  #length = 0;
  #longLength = 0;

  /** @param fuelGlobal its index */
  constructor(out: ByteWriter, fuelGlobal: number) {
    this.#out = out;
    this.#fuelGlobal = fuelGlobal;
  }

  /**
   * Writes the function that was scanned last, without its size.
   * @param parameterCount of its type, and the encoded types of its results
   */
  write(scan: FunctionScan, parameterCount: number, results: readonly number[]): void {
    const out = this.#out;
    // A block with several results needs a type of its own; so rare a function can do without.
    const isHeld = scan.hasQuickLoop && results.length <= 1;
    this.#declareLocals(scan, parameterCount, isHeld);
    if (isHeld) out.all(this.#words.takeBack);
    this.#charge(scan.cost);
    if (isHeld) out.all([opcode.block, results[0] ?? emptyBlock]);
    let from = scan.codeAt;
    for (let i = 0; i < scan.at.length; i++) {
      const at = scan.at[i] as number;
      const kind = scan.kinds[i] as number;
      if (!isHeld && kind !== place.loop && kind !== place.payment) continue;
      out.copy(from, at);
      from = at;
      this.#put(kind, scan.values[i] as number);
    }
    out.copy(from, scan.end);
    if (!isHeld) return;
    out.all(this.#words.giveBack);
    out.byte(opcode.end);
  }

  #declareLocals(scan: FunctionScan, parameterCount: number, isHeld: boolean): void {
    const out = this.#out;
    const fuel = parameterCount + scan.localCount;
    const own = scan.hasPayment ? [valueType.i64, valueType.i32, valueType.i64] : [valueType.i64];
    out.unsigned(scan.localGroups + own.length);
    out.copy(scan.localsAt, scan.codeAt);
    for (const type of own) out.all([1, type]);
    this.#length = fuel + 1;
    this.#longLength = fuel + 2;
    const key = fuel * 2 + (isHeld ? 1 : 0);
    this.#words = this.#known[key] ?? wordsFor(fuel, this.#fuelGlobal, isHeld);
    this.#known[key] = this.#words;
  }

  #put(kind: number, value: number): void {
    if (kind === place.loop) this.#charge(value);
    else if (kind === place.payment) this.#chargeLength(payments[value] as Payment);
    else this.#out.all(kind === place.afterCall ? this.#words.takeBack : this.#words.giveBack);
  }

  #charge(cost: number): void {
    const out = this.#out;
    out.all(this.#words.getFuel);
    out.byte(opcode.i64Const);
    out.signed(cost);
    out.all(this.#words.stopWhenOut);
  }

  #chargeLength({ shift, isLong }: Payment): void {
    const out = this.#out;
    const length = isLong ? this.#longLength : this.#length;
    out.byte(opcode.localTee);
    out.unsigned(length);
    out.all(this.#words.getFuel);
    out.byte(opcode.localGet);
    out.unsigned(length);
    if (!isLong) out.byte(opcode.i64ExtendI32U);
    if (shift !== 0) {
      out.byte(opcode.i64Const);
      out.signed(Math.abs(shift));
      out.byte(shift > 0 ? opcode.i64Shl : opcode.i64ShrU);
    }
    out.all(this.#words.stopWhenOut);
  }
}

function wordsFor(local: number, fuelGlobal: number, isHeld: boolean): Words {
  const getLocal = [opcode.localGet, ...numberOf(local)];
  const getGlobal = [opcode.globalGet, ...numberOf(fuelGlobal)];
  const setGlobal = [opcode.globalSet, ...numberOf(fuelGlobal)];
  const less = [opcode.i64Sub, opcode.localTee, ...numberOf(local)];
  const isOut = [opcode.i64Const, 0, opcode.i64LtS, opcode.if, emptyBlock];
  const stop = [opcode.unreachable, opcode.end];
  const giveBack = [...getLocal, ...setGlobal];
  return {
    getFuel: Uint8Array.from(isHeld ? getLocal : getGlobal),
    giveBack: Uint8Array.from(giveBack),
    takeBack: Uint8Array.from([...getGlobal, opcode.localSet, ...numberOf(local)]),
    stopWhenOut: Uint8Array.from(
      isHeld
        ? [...less, ...isOut, ...giveBack, ...stop]
        : [...less, ...setGlobal, ...getLocal, ...isOut, ...stop],
    ),
  };
}

/** Unsigned LEB128. */
function numberOf(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}
