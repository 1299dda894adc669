import type { WasmInstance } from "../../../base/index.ts";
import type { MillraceError } from "../../../errors.ts";
import { limits } from "../../../limits.ts";
import type { Batch } from "../../../record/index.ts";
import type { Expansion } from "../../answer/answer.ts";
import { errorTextOf } from "../../error-text.ts";
import type { Wasi } from "../../wasi/contract.ts";
import type { ModuleLogLine, OpenableModule } from "../contract.ts";
import { answerIn, verdictBytes } from "./answer-region.ts";
import { GuestCalls, type LastWords } from "./guest-calls.ts";
import {
  accumulatorTooLarge,
  brokenAbi,
  initialAccumulatorTooLarge,
  refusedLookBack,
  refusedParameters,
  takesNoParameters,
} from "./guest-failures.ts";
import { control, controlBytes, exportName, type PackedExports, statefulFlag } from "./layout.ts";
import { logLinesOf } from "./log-lines.ts";
import { encodeParameters } from "./parameters.ts";
import { Regions } from "./regions.ts";

const noLines: readonly ModuleLogLine[] = [];

/**
 * One instance of a packed module: its control block, its calls, and what it says in answer to them. Everything that it hands
 * out is checked to lie inside the guest's memory. Views into that memory are made anew when it has grown, and are valid until
 * the next call.
 */
export class PackedGuest {
  readonly #module: string;
  readonly #transformName: string;
  readonly #wasi: Wasi;
  readonly #exports: PackedExports;
  readonly #transform: (first: number) => number;
  readonly #controlAt: number;
  readonly #calls: GuestCalls;
  readonly regions: Regions;
  #bytes: Uint8Array = new Uint8Array(0);
  #words: Uint32Array = new Uint32Array(0);
  constructor(module: OpenableModule, transformName: string, instance: WasmInstance, wasi: Wasi) {
    this.#wasi = wasi;
    this.#module = module.name;
    this.#transformName = transformName;
    this.#exports = instance.exports as unknown as PackedExports;
    this.#transform = instance.exports[transformName] as (first: number) => number;
    this.#calls = new GuestCalls(module, instance);
    this.#controlAt = this.#setup(exportName.control, () => this.#exports.millrace_packed_1() >>> 0);
    this.#refresh();
    if (this.#controlAt % 8 !== 0 || this.#controlAt + controlBytes > this.#bytes.length) {
      throw this.#nonsense(`its control block at ${this.#controlAt} is unaligned or outside of its memory`);
    }
    this.regions = new Regions({
      module: this.#module,
      controlAt: this.#controlAt,
      memoryBytes: () => this.#bytes.length,
      reserve: (region, byteCount) => this.#askFor(region, byteCount),
      nonsense: (what) => this.#nonsense(what),
    });
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get words(): Uint32Array {
    return this.#words;
  }

  get stateful(): boolean {
    return (this.#get(control.flags) & statefulFlag) !== 0;
  }

  /** Index of the record that the module had in hand when it last said so. */
  get cursor(): number {
    return this.#get(control.cursor);
  }

  begin(batch: Batch): void {
    this.#wasi.begin(batch);
  }

  /**
   * Runs the module's initialisation.
   * @throws MillraceError `module.init` with the module's own text when it refuses the parameters
   */
  init(parameters: ReadonlyMap<string, string>): void {
    const init = this.#exports.millrace_init;
    if (init === undefined) {
      if (parameters.size > 0) throw takesNoParameters(this.#module, parameters.keys());
      return;
    }
    const block = encodeParameters(parameters, this.#module);
    const at = this.regions.reserve("input", block.length);
    this.#bytes.set(block, at);
    this.#set(control.inputAt, at);
    this.#set(control.inputBytes, block.length);
    const status = this.#setup(exportName.init, init);
    this.#refresh();
    if (status === 0) return;
    throw refusedParameters(this.#module, this.#refusal(status));
  }

  /** Hands over what an aggregate begins with, before its initialisation. @throws MillraceError `module.init` */
  giveAccumulator(accumulator: Uint8Array): void {
    if (accumulator.length > limits.accumulatorBytesMax.default) {
      throw initialAccumulatorTooLarge(this.#module, accumulator.length);
    }
    // A module that never asks for one need not have the region.
    const at = accumulator.length === 0 ? 0 : this.regions.reserve("accumulator", accumulator.length);
    this.#bytes.set(accumulator, at);
    this.#set(control.accumulatorAt, at);
    this.#set(control.accumulatorBytes, accumulator.length);
  }

  /** What the module has added up, as a copy. @throws MillraceError `module.answer` */
  takeAccumulator(): Uint8Array {
    const at = this.#get(control.accumulatorAt);
    const byteCount = this.#get(control.accumulatorBytes);
    if (at + byteCount > this.#bytes.length) {
      throw this.#nonsense(`its accumulator of ${byteCount} bytes at ${at} lies outside of its memory`);
    }
    if (byteCount > limits.accumulatorBytesMax.default) throw accumulatorTooLarge(this.#where, byteCount);
    return this.#bytes.slice(at, at + byteCount);
  }

  get looksBack(): boolean {
    return this.#exports.millrace_look_back !== undefined;
  }

  /** Shows the module a frame of so many earlier records in its input region. @throws MillraceError `module.look-back` */
  lookBack(at: number, byteCount: number, recordCount: number): void {
    const look = this.#exports.millrace_look_back;
    if (look === undefined) return;
    this.#set(control.lookBackAt, at);
    this.#set(control.lookBackBytes, byteCount);
    this.#calls.beginBatch(recordCount, byteCount);
    const status = this.#calls.forBatch(exportName.lookBack, look, () => this.#lastWords(undefined));
    this.#refresh();
    if (status === 0) return;
    throw refusedLookBack(this.#module, this.#refusal(status));
  }

  #refusal(status: number): string {
    const text = errorTextOf(this.#bytes, this.#get(control.errorAt), this.#get(control.errorBytes));
    return text || `status ${status}`;
  }

  /** Lines that the module has logged since they were last taken. @throws MillraceError `module.answer` */
  get logged(): readonly ModuleLogLine[] {
    const byteCount = this.#get(control.logBytes);
    if (byteCount === 0) return noLines;
    const lines = logLinesOf(this.#bytes, this.#get(control.logAt), byteCount, this.#module);
    if (typeof lines === "string") throw this.#nonsense(lines);
    return lines;
  }

  /**
   * Hands on what the module has logged since the last time.
   * @param lines as they were read before, where they were
   * @throws MillraceError `module.answer`
   */
  takeLog(
    log: ((line: ModuleLogLine) => void) | undefined,
    lose?: (lineCount: number) => void,
    lines: readonly ModuleLogLine[] = this.logged,
  ): void {
    this.#wasi.takeLog(log);
    const lost = this.#get(control.logLost);
    if (lines.length === 0 && lost === 0) return;
    this.#set(control.logBytes, 0);
    this.#set(control.logLost, 0);
    if (log === undefined) return;
    for (const line of lines) log(line);
    if (lost > 0 && lose !== undefined) lose(lost);
    else if (lost > 0)
      log({ module: this.#module, level: "warn", text: `${lost} more lines were logged and are lost` });
  }

  /** Begins a batch of so many records and bytes, which give it fuel for all of its calls; so do bytes of an accumulator. */
  beginBatch(recordCount: number, byteCount: number): void {
    this.#calls.beginBatch(recordCount, byteCount + this.#get(control.accumulatorBytes));
  }

  /** What the calls for the batch have used since this was last asked. */
  takeFuelUsed(): number {
    return this.#calls.takeFuelUsed();
  }

  /** Tells the module which frame to work on, and how many records an array-map may emit. */
  present(inputAt: number, inputBytes: number, emittedMax = 0): void {
    const { answerAt, answerRoom, columnRoom: room, output } = this.regions;
    const columns = answerAt + answerRoom * verdictBytes;
    this.#set(control.inputAt, inputAt);
    this.#set(control.inputBytes, inputBytes);
    this.#set(control.verdictsAt, answerAt);
    this.#set(control.valuesAt, columns);
    this.#set(control.keysAt, columns + room * 8);
    this.#set(control.timestampsAt, columns + room * 16);
    this.#set(control.headersAt, columns + room * 24);
    this.#set(control.sourcesAt, emittedMax === 0 ? 0 : columns + room * 32);
    this.#set(control.changesAt, emittedMax === 0 ? 0 : columns + room * 36);
    this.#set(control.emittedMax, emittedMax);
    this.#set(control.emitted, 0);
    this.#set(control.outputAt, output.at);
    this.#set(control.outputBytes, output.bytes);
  }

  /**
   * Calls the transform for the records from `first` on. The answer is borrowed until the next call.
   * @param emittedMax records that an array-map may emit, as it was told
   * @throws MillraceError `module.trap`; `module.answer` when it claims to have finished records that are not there
   */
  call(first: number, recordCount: number, emittedMax = 0): Expansion {
    const { answerAt } = this.regions;
    this.#bytes.fill(0, answerAt + first, answerAt + recordCount);
    this.#set(control.cursor, first);
    const transform = (): number => this.#transform(first);
    const lastWords = (): LastWords => this.#lastWords(this.#inHand(first, recordCount));
    const end = this.#calls.forBatch(this.#transformName, transform, lastWords) >>> 0;
    this.#refresh();
    if (end < first || end > recordCount) {
      throw this.#nonsense(
        `it says that it finished records up to ${end} of ${recordCount}, from ${first} on`,
      );
    }
    const emitted = this.#get(control.emitted);
    if (emitted > emittedMax) {
      throw this.#nonsense(`it says that it emitted ${emitted} records, and there is room for ${emittedMax}`);
    }
    return this.#answer(first, end, emittedMax === 0 ? undefined : emitted);
  }

  /**
   * What it had finished when a call with the same numbers trapped, where its cursor tells; nothing of it has been checked, and
   * it is borrowed until the instance is given up.
   */
  finished(first: number, recordCount: number, emittedMax: number): Expansion | undefined {
    const { cursor } = this;
    const emitted = this.#get(control.emitted);
    if (cursor <= first || cursor >= recordCount || emitted > emittedMax) return undefined;
    return this.#answer(first, cursor, emittedMax === 0 ? undefined : emitted);
  }

  #answer(first: number, end: number, emitted: number | undefined): Expansion {
    const { answerAt: at, answerRoom: recordRoom, columnRoom } = this.regions;
    return answerIn(this.#bytes, { at, recordRoom, columnRoom }, first, end, emitted);
  }

  #askFor(region: number, byteCount: number): number {
    const reserve = (): number => this.#exports.millrace_reserve(region, byteCount) >>> 0;
    const at = this.#setup(exportName.reserve, reserve);
    this.#refresh();
    return at;
  }

  /** Views of a memory that has grown are dead; the memory's buffer tells. */
  #refresh(): void {
    const { buffer } = this.#exports.memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
  }

  #get(cell: number): number {
    return this.#words[this.#controlAt / 4 + cell] as number;
  }

  #set(cell: number, value: number): void {
    this.#words[this.#controlAt / 4 + cell] = value;
  }

  #setup<Result>(exported: string, call: () => Result): Result {
    return this.#calls.setup(exported, call, () => this.#lastWords(undefined));
  }

  /** Behind the last record there is none that could be named, and of one alone there is no question. */
  #inHand(first: number, recordCount: number): number | undefined {
    this.#refresh();
    const { cursor } = this;
    return cursor < recordCount && recordCount - first > 1 ? cursor : undefined;
  }

  #lastWords(record: number | undefined): LastWords {
    this.#refresh();
    const said =
      errorTextOf(this.#bytes, this.#get(control.errorAt), this.#get(control.errorBytes)) ||
      this.#wasi.takeError();
    return { record, said };
  }

  #nonsense(what: string): MillraceError {
    return brokenAbi(this.#where, what);
  }

  get #where(): { readonly module: string; readonly export: string } {
    return { module: this.#module, export: this.#transformName };
  }
}
