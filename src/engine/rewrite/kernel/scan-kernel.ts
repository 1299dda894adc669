import {
  align8,
  type CompiledModule,
  compileBase64,
  pageBytes,
  type WasmMemory,
  webAssembly,
} from "../../../base/index.ts";
import { changesOtherState } from "../instance-state.ts";
import { immediate, numericImmediates, opcode, plainImmediates, vectorImmediates } from "../opcodes.ts";
import { paymentOf, payments } from "../prices.ts";
import { scanBinary } from "./scan-binary.ts";

/** `scan.wat` has their contracts. */
interface Scanner {
  begin(functionCount: number): void;
  scan(at: number, end: number): number;
}

/** Positions in the memory, as `scan.wat` draws it. */
const numericAt = 256;
const numericPaymentAt = 512;
const vectorAt = 768;
const fixedAt = 1280;
const resultAt = 1408;
const placesAt = 65_536;
const placeBytes = 16;
const paidAt = 262_144;
/** Bytes behind the module that the kernel may read, though not use. */
const marginBytes = 64;

/** Numbers of what the kernel does for opcodes that are more than what follows them. */
const cases: readonly (readonly [code: number, number: number])[] = [
  [opcode.nop, 20],
  [opcode.block, 21],
  [opcode.loop, 22],
  [opcode.if, 23],
  [opcode.else, 24],
  [opcode.end, 25],
  [opcode.br, 26],
  [opcode.brIf, 27],
  [opcode.brTable, 28],
  [opcode.unreachable, 29],
  [opcode.return, 30],
  [opcode.call, 31],
  [opcode.callIndirect, 32],
  [opcode.numericPrefix, 33],
  [opcode.vectorPrefix, 34],
  [opcode.memoryGrow, 35],
  // Left to others.
  [opcode.returnCall, immediate.unknown],
  [opcode.returnCallIndirect, immediate.unknown],
  [opcode.tableSet, immediate.unknown],
];

let compiled: CompiledModule | undefined;

/** Scans functions of one module in WebAssembly. What it has found stands in its memory until the next scan. */
export class ScanKernel {
  readonly #scanner: Scanner;
  readonly #words: Uint32Array;
  readonly #numbers: Float64Array;
  readonly #moduleAt: number;

  /**
   * A kernel for the functions of a module; undefined where the platform has no memory for it.
   * @param functionCount of all functions, imported ones included
   */
  static on(bytes: Uint8Array, functionCount: number): ScanKernel | undefined {
    try {
      return new ScanKernel(bytes, functionCount);
    } catch {
      return undefined;
    }
  }

  private constructor(bytes: Uint8Array, functionCount: number) {
    compiled ??= compileBase64(scanBinary);
    this.#moduleAt = align8(paidAt + functionCount * 8);
    const byteCount = this.#moduleAt + bytes.length + marginBytes;
    const memory: WasmMemory = new webAssembly.Memory({ initial: Math.ceil(byteCount / pageBytes) });
    const all = new Uint8Array(memory.buffer);
    this.#words = new Uint32Array(memory.buffer);
    this.#numbers = new Float64Array(memory.buffer);
    all.set(bytes, this.#moduleAt);
    all.set(plainImmediates);
    for (const [code, number] of cases) all[code] = number;
    all.set(vectorImmediates, vectorAt);
    for (const [second, kind] of numericImmediates.entries()) {
      all[numericAt + second] = changesOtherState(opcode.numericPrefix, second) ? immediate.unknown : kind;
      all[numericPaymentAt + second] = paymentOf(opcode.numericPrefix, second) + 1;
    }
    this.#numbers.set(
      payments.map(({ fixed }) => fixed),
      fixedAt / 8,
    );
    this.#numbers.fill(-1, paidAt / 8, paidAt / 8 + functionCount);
    const imports = { host: { memory } };
    this.#scanner = new webAssembly.Instance(compiled, imports).exports as unknown as Scanner;
    this.#scanner.begin(functionCount);
  }

  /** Says what callers pay for a function. */
  pay(index: number, cost: number): void {
    this.#numbers[paidAt / 8 + index] = cost;
  }

  /** Scans a function; false where there is something unusual about it, or wrong. */
  scan(at: number, end: number): boolean {
    return this.#scanner.scan(this.#moduleAt + at, this.#moduleAt + end) === 1;
  }

  get localsAt(): number {
    return this.#result(0) - this.#moduleAt;
  }

  get localGroups(): number {
    return this.#result(1);
  }

  get codeAt(): number {
    return this.#result(2) - this.#moduleAt;
  }

  get placeCount(): number {
    return this.#result(3);
  }

  /** 1 a loop, 2 a call, 4 a payment, 8 a loop with no call in it outside of inner loops. */
  get flags(): number {
    return this.#result(4);
  }

  get localCount(): number {
    return this.#numbers[resultAt / 8 + 3] as number;
  }

  get cost(): number {
    return this.#numbers[resultAt / 8 + 4] as number;
  }

  placeAt(index: number): number {
    return (this.#words[(placesAt + index * placeBytes) / 4] as number) - this.#moduleAt;
  }

  placeKind(index: number): number {
    return this.#words[(placesAt + index * placeBytes) / 4 + 1] as number;
  }

  placeValue(index: number): number {
    return this.#numbers[(placesAt + index * placeBytes) / 8 + 1] as number;
  }

  #result(index: number): number {
    return this.#words[resultAt / 4 + index] as number;
  }
}
