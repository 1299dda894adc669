import { limits } from "../../limits.ts";
import { BinaryReader, unreadable } from "../module/binary-reader.ts";
import { changesOtherState } from "./instance-state.ts";
import { readValueType, skipImmediates } from "./instruction.ts";
import type { ScanKernel } from "./kernel/scan-kernel.ts";
import { immediate, opcode, plainImmediates } from "./opcodes.ts";
import { paymentOf, payments } from "./prices.ts";

/** Places in the code of a function where a meter may have something to do. */
export const place = {
  /** Behind the head of a loop. */
  loop: 0,
  beforeCall: 1,
  afterCall: 2,
  /** Before an instruction that leaves the function. */
  exit: 3,
  /** Before an instruction that pays by length. */
  payment: 4,
} as const;

/** The immediates of opcodes that do nothing but cost 1; unknown for the other ones. */
const quickImmediates = plainImmediates.slice();
quickImmediates.fill(immediate.unknown, opcode.unreachable, opcode.returnCallIndirect + 1);
quickImmediates[opcode.memoryGrow] = immediate.unknown;
quickImmediates[opcode.tableSet] = immediate.unknown;

/** A block whose end has not been reached. */
interface Open {
  kind: number;
  /** Number of the innermost loop around it, and for a loop of itself; 0: none. */
  region: number;
  /** Cost of the longest way to its end by a branch, and of the way to its beginning; -1: there is none. */
  label: number;
  entry: number;
}

/** A loop that has not ended, or the function. */
interface Region {
  /** Cost of the way to the inner loop that is being looked at. */
  suspended: number;
  /** Cost of the longest way through it. */
  most: number;
  /** Its entry among the places. */
  at: number;
  hasCall: boolean;
}

/**
 * Reads the code of a function once: where its loops, calls and exits are, and what its stretches cost. One object is used
 * for all functions of a module.
 */
export class FunctionScan {
  readonly #bytes: Uint8Array;
  /** What a call of a function costs its caller beside the call; undefined where it pays for itself. */
  readonly #paidByCaller: (index: number) => number | undefined;
  readonly #kernel: ScanKernel | undefined;
  /** Positions in the file, rising; what is there; and a loop's cost or the index of a payment. */
  readonly at: number[] = [];
  readonly kinds: number[] = [];
  readonly values: number[] = [];
  /** Where the declarations of locals begin, their count, and where the code begins. */
  localsAt = 0;
  localGroups = 0;
  codeAt = 0;
  end = 0;
  localCount = 0;
  /** Of the longest way through what is outside of loops, with the price of entering. */
  cost = 0;
  hasLoop = false;
  hasCall = false;
  hasPayment = false;
  /** It changes more than memory and globals. */
  changesOtherState = false;
  /** There is a loop with no call in it outside of inner loops. */
  hasQuickLoop = false;
  readonly #open: Open[] = [];
  readonly #regions: Region[] = [];
  #depth = 0;
  #region = 0;
  /** Cost of the longest way to here within the region; -1 where no way leads here. */
  #here = 0;

  /** @param kernel does what is usual, knowing of the same payments; without it, everything is done here */
  constructor(
    bytes: Uint8Array,
    paidByCaller: (index: number) => number | undefined,
    kernel: ScanKernel | undefined,
  ) {
    this.#bytes = bytes;
    this.#paidByCaller = paidByCaller;
    this.#kernel = kernel;
  }

  /**
   * @param at the beginning of a function's entry in the code section, behind its size
   * @throws MillraceError `module.rewrite`
   */
  scan(at: number, end: number): void {
    this.#reset(at, end);
    if (this.#kernel?.scan(at, end) === true) {
      this.#take(this.#kernel);
      return;
    }
    const reader = new BinaryReader(this.#bytes, at, end);
    this.#readLocals(reader);
    this.codeAt = reader.at;
    this.#enter(0, opcode.block);
    while (this.#depth > 0) {
      this.#skipPlain(reader);
      this.#instruction(reader);
    }
    if (reader.at !== end) throw unreadable("code goes on behind the end of its function", reader.at);
    this.cost = Math.max(this.#regionAt(0).most, this.#here) + 1 + this.localCount;
  }

  #reset(at: number, end: number): void {
    this.at.length = 0;
    this.kinds.length = 0;
    this.values.length = 0;
    this.localsAt = at;
    this.end = end;
    this.localCount = 0;
    this.hasLoop = false;
    this.hasCall = false;
    this.hasPayment = false;
    this.changesOtherState = false;
    this.hasQuickLoop = false;
    this.#depth = 0;
    this.#here = 0;
    this.#enterRegion(0, -1);
  }

  #take(kernel: ScanKernel): void {
    this.localsAt = kernel.localsAt;
    this.localGroups = kernel.localGroups;
    this.codeAt = kernel.codeAt;
    this.localCount = kernel.localCount;
    this.cost = kernel.cost;
    const { flags, placeCount } = kernel;
    this.hasLoop = (flags & 1) !== 0;
    this.hasCall = (flags & 2) !== 0;
    this.hasPayment = (flags & 4) !== 0;
    this.hasQuickLoop = (flags & 8) !== 0;
    for (let i = 0; i < placeCount; i++) {
      this.#note(kernel.placeAt(i), kernel.placeKind(i), kernel.placeValue(i));
    }
  }

  #readLocals(reader: BinaryReader): void {
    this.localGroups = reader.unsigned32();
    this.localsAt = reader.at;
    for (let left = this.localGroups; left > 0; left--) {
      this.localCount += reader.unsigned32();
      readValueType(reader);
    }
  }

  /** Goes past instructions that only cost something. Most of a module is that, so it is one loop without calls. */
  #skipPlain(reader: BinaryReader): void {
    const bytes = this.#bytes;
    const { end } = reader;
    let { at } = reader;
    let count = 0;
    while (at < end) {
      const kind = quickImmediates[bytes[at] as number];
      if (kind === immediate.none) at++;
      // A number may have more bytes, and an address more parts; these few are read carefully.
      else if (kind === immediate.number && (bytes[at + 1] as number) < 0x80) at += 2;
      else if (
        kind === immediate.address &&
        (bytes[at + 1] as number) < 0x40 &&
        (bytes[at + 2] as number) < 0x80
      )
        at += 3;
      else break;
      count++;
    }
    reader.at = at;
    this.#spend(count);
  }

  #instruction(reader: BinaryReader): void {
    const { at } = reader;
    const code = reader.byte();
    switch (code) {
      case opcode.nop:
        break;
      case opcode.block:
      case opcode.loop:
      case opcode.if:
        this.#begin(reader, code);
        break;
      case opcode.else:
        this.#else(at);
        break;
      case opcode.end:
        this.#end();
        break;
      case opcode.br:
      case opcode.brIf:
        this.#spend(1);
        this.#branch(reader.unsigned32(), at);
        if (code === opcode.br) this.#here = -1;
        break;
      case opcode.brTable:
        this.#spend(1);
        for (let left = reader.unsigned32(); left >= 0; left--) this.#branch(reader.unsigned32(), at);
        this.#here = -1;
        break;
      case opcode.unreachable:
        this.#leave();
        break;
      case opcode.return:
        this.#note(at, place.exit, 0);
        this.#leave();
        break;
      case opcode.call:
        this.#call(at, reader, this.#paidByCaller(reader.unsigned32()));
        break;
      case opcode.callIndirect:
        skipImmediates(reader, code);
        this.#call(at, reader, undefined);
        break;
      case opcode.returnCall:
      case opcode.returnCallIndirect:
        this.#note(at, place.exit, 0);
        this.#tailCall(reader, code);
        break;
      default:
        this.#plain(reader, at, code);
    }
  }

  #plain(reader: BinaryReader, at: number, code: number): void {
    const second = skipImmediates(reader, code);
    this.changesOtherState ||= changesOtherState(code, second);
    const payment = code === opcode.memoryGrow || code >= opcode.numericPrefix ? paymentOf(code, second) : -1;
    this.#spend(1 + (payments[payment]?.fixed ?? 0));
    if (payment < 0) return;
    this.#note(at, place.payment, payment);
    this.hasPayment = true;
  }

  #begin(reader: BinaryReader, code: number): void {
    reader.skipNumber(5);
    if (code === opcode.if) this.#spend(1);
    if (code === opcode.loop) this.#beginLoop(reader.at);
    else this.#enter(this.#region, code);
  }

  #beginLoop(at: number): void {
    const outer = this.#regionAt(this.#region);
    outer.suspended = this.#here;
    outer.most = Math.max(outer.most, this.#here);
    const number = this.#region + 1;
    this.#enter(number, opcode.loop);
    this.#enterRegion(number, this.at.length);
    this.#note(at, place.loop, 0);
    this.hasLoop = true;
    // Where no way leads to the loop, none is in it.
    this.#here = this.#here < 0 ? -1 : 0;
  }

  #else(at: number): void {
    const open = this.#open[this.#depth - 1];
    if (open?.kind !== opcode.if) throw unreadable("an else stands outside of an if", at);
    open.label = Math.max(open.label, this.#here);
    open.kind = opcode.else;
    this.#here = open.entry;
  }

  #end(): void {
    const open = this.#open[--this.#depth] as Open;
    if (open.kind === opcode.loop) {
      this.#endLoop();
      return;
    }
    const other = open.kind === opcode.if ? open.entry : -1;
    this.#here = Math.max(this.#here, open.label, other);
  }

  #endLoop(): void {
    const loop = this.#regionAt(this.#region);
    this.values[loop.at] = Math.max(loop.most, this.#here) + 1;
    this.hasQuickLoop ||= !loop.hasCall;
    this.#region--;
    const isLeft = this.#here >= 0;
    this.#here = isLeft ? this.#regionAt(this.#region).suspended : -1;
  }

  /** A way from here to the end of a block, or to the beginning of a loop. */
  #branch(label: number, at: number): void {
    const open = this.#open[this.#depth - 1 - label];
    if (label >= this.#depth || open === undefined) throw unreadable(`there is no block ${label}`, at);
    if (this.#here < 0) return;
    const region = this.#regionAt(this.#region);
    region.most = Math.max(region.most, this.#here);
    // What inner loops take is charged there.
    const cost = open.region === this.#region ? this.#here : this.#regionAt(open.region).suspended;
    open.label = Math.max(open.label, cost);
  }

  #call(at: number, reader: BinaryReader, paidHere: number | undefined): void {
    this.#spend(1 + (paidHere ?? 0));
    if (paidHere !== undefined) return;
    this.#note(at, place.beforeCall, 0);
    this.#note(reader.at, place.afterCall, 0);
    this.hasCall = true;
    this.#regionAt(this.#region).hasCall = true;
  }

  #tailCall(reader: BinaryReader, code: number): void {
    const paidHere = code === opcode.returnCall ? this.#paidByCaller(reader.unsigned32()) : undefined;
    if (code === opcode.returnCallIndirect) skipImmediates(reader, code);
    this.#spend(paidHere ?? 0);
    this.#leave();
    this.hasCall = true;
  }

  /** What follows is not reached from here. */
  #leave(): void {
    this.#spend(1);
    const region = this.#regionAt(this.#region);
    region.most = Math.max(region.most, this.#here);
    this.#here = -1;
  }

  #spend(cost: number): void {
    if (this.#here >= 0) this.#here += cost;
  }

  #note(at: number, kind: number, value: number): void {
    this.at.push(at);
    this.kinds.push(kind);
    this.values.push(value);
  }

  #enter(region: number, kind: number): void {
    if (this.#depth > limits.blockDepthMax.default) {
      throw unreadable(
        `blocks are nested more than ${limits.blockDepthMax.default} deep in a function`,
        this.codeAt,
      );
    }
    const open = this.#open[this.#depth];
    if (open === undefined) this.#open.push({ kind, region, label: -1, entry: this.#here });
    else {
      open.kind = kind;
      open.region = region;
      open.label = -1;
      open.entry = this.#here;
    }
    this.#depth++;
  }

  #enterRegion(number: number, at: number): void {
    this.#region = number;
    const region = this.#regions[number];
    if (region === undefined) this.#regions.push({ suspended: 0, most: 0, at, hasCall: false });
    else {
      region.suspended = 0;
      region.most = 0;
      region.at = at;
      region.hasCall = false;
    }
  }

  #regionAt(number: number): Region {
    return this.#regions[number] as Region;
  }
}
