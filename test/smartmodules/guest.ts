import { type CompiledModule, type WasmMemory, webAssembly } from "../../src/base/index.ts";
import { control, region } from "../../src/engine/abi/packed/layout.ts";
import { encodeParameters } from "../../src/engine/abi/packed/parameters.ts";
import { change, verdict, verdictMask } from "../../src/engine/answer/answer.ts";
import { absent, type Frame, readInt64 } from "../../src/record/index.ts";

interface Exports {
  readonly memory: WasmMemory;
  millrace_packed_1(): number;
  millrace_reserve(region: number, bytes: number): number;
  millrace_init(): number;
  millrace_filter?(first: number): number;
  millrace_map?(first: number): number;
}

/** What a module said of one record, read out of its memory. */
export interface Outcome {
  readonly verdict: "kept" | "dropped" | "replaced" | "failed";
  readonly value?: string;
  readonly key?: string | null;
  readonly timestamp?: number;
  readonly error?: string;
}

export interface RunOptions {
  readonly outputBytes?: number;
  /** Bytes that stand after the frame in the input region, which must not matter. */
  readonly after?: Uint8Array;
}

const compiledModules = new WeakMap<Uint8Array, CompiledModule>();

/** Compiling is slow and properties are checked with thousands of instances. */
function compiled(wasm: Uint8Array): CompiledModule {
  const module = compiledModules.get(wasm) ?? new webAssembly.Module(wasm);
  compiledModules.set(wasm, module);
  return module;
}

const names = new Map(Object.entries(verdict).map(([name, code]) => [code as number, name]));

/**
 * A host of one packed module as small as can be, so that a module can be watched closely: every call, the cursor, the size of its memory.
 */
export class Guest {
  readonly exports: Exports;
  /** Calls of the transform that the last run needed. */
  calls = 0;
  readonly #control: number;
  readonly #transform: (first: number) => number;

  constructor(wasm: Uint8Array, parameters: Record<string, string> = {}) {
    const instance = new webAssembly.Instance(compiled(wasm), {});
    this.exports = instance.exports as unknown as Exports;
    this.#control = this.exports.millrace_packed_1();
    this.#transform = (this.exports.millrace_filter ?? this.exports.millrace_map) as (
      first: number,
    ) => number;
    const block = encodeParameters(new Map(Object.entries(parameters)), "test");
    const at = this.exports.millrace_reserve(region.input, block.length);
    this.bytes.set(block, at);
    this.#set(control.inputAt, at);
    this.#set(control.inputBytes, block.length);
    if (this.exports.millrace_init() !== 0) throw new Error(this.error);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer);
  }

  /** The text that a refusal or a trap leaves behind. */
  get error(): string {
    return this.#text(this.get(control.errorAt), this.get(control.errorBytes));
  }

  get(word: number): number {
    return this.#view.getUint32(this.#control + word * 4, true);
  }

  /** Works on all records of a frame, calling as often as the module wants. */
  run(frame: Frame, { outputBytes = 1 << 14, after = new Uint8Array(0) }: RunOptions = {}): Outcome[] {
    const count = frame.recordCount;
    const room = (count + 7) & ~7;
    const input = this.exports.millrace_reserve(region.input, frame.bytes.length + after.length);
    const answer = this.exports.millrace_reserve(region.answer, room * 33);
    const output = this.exports.millrace_reserve(region.output, outputBytes);
    this.bytes.set(frame.bytes, input);
    this.bytes.set(after, input + frame.bytes.length);
    this.bytes.fill(0, answer, answer + room * 33);
    this.#set(control.inputAt, input);
    this.#set(control.inputBytes, frame.bytes.length);
    this.#set(control.verdictsAt, answer);
    this.#set(control.valuesAt, answer + room);
    this.#set(control.keysAt, answer + room * 9);
    this.#set(control.timestampsAt, answer + room * 17);
    this.#set(control.headersAt, answer + room * 25);
    this.#set(control.outputAt, output);
    this.#set(control.outputBytes, outputBytes);
    this.calls = 0;
    const outcomes: Outcome[] = [];
    while (outcomes.length < count) {
      const first = outcomes.length;
      const end = this.#transform(first);
      this.calls++;
      if (end <= first || end > count || this.get(control.cursor) !== end)
        throw new Error(`${first} to ${end}`);
      for (let i = first; i < end; i++) outcomes.push(this.#outcome(answer, room, i));
    }
    return outcomes;
  }

  #outcome(answer: number, room: number, i: number): Outcome {
    const view = this.#view;
    const span = (part: number): [number, number] => {
      const at = answer + room * part + i * 8;
      return [view.getUint32(at, true), view.getUint32(at + 4, true)];
    };
    const code = view.getUint8(answer + i);
    const name = names.get(code & verdictMask) as Outcome["verdict"];
    if (name === "failed") return { verdict: name, error: this.#text(...span(1)) };
    const [keyAt, keyLength] = span(9);
    const timestamps = new Uint32Array(this.exports.memory.buffer, answer + room * 17 + i * 8, 2);
    return {
      verdict: name,
      ...((code & change.value) === 0 ? {} : { value: this.#text(...span(1)) }),
      ...((code & change.key) === 0
        ? {}
        : { key: keyLength === absent ? null : this.#text(keyAt, keyLength) }),
      ...((code & change.timestamp) === 0 ? {} : { timestamp: readInt64(timestamps, 0) }),
    };
  }

  #text(at: number, length: number): string {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return decoder.decode(this.bytes.slice(at, at + length));
  }

  get #view(): DataView {
    return new DataView(this.exports.memory.buffer);
  }

  #set(word: number, value: number): void {
    this.#view.setUint32(this.#control + word * 4, value, true);
  }
}
