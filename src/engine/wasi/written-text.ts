import { textOf } from "../../base/index.ts";
import type { ModuleLogLine } from "../abi/contract.ts";
import { errorTextOf } from "../error-text.ts";

const lineFeed = 0x0a;

/** What a module writes to its standard output and error output, as lines for the log. */
export class WrittenText {
  readonly #module: string;
  readonly #streams: readonly [Stream, Stream];

  /** @param bytesMax of each of the two that are kept until they are taken */
  constructor(module: string, bytesMax: number) {
    this.#module = module;
    this.#streams = [new Stream("info", bytesMax), new Stream("warn", bytesMax)];
  }

  /** @param descriptor 1: standard output, 2: standard error output */
  write(descriptor: 1 | 2, bytes: Uint8Array): void {
    this.#streams[descriptor - 1]?.write(bytes);
  }

  /** Hands on what was written since the last time. */
  take(log: ((line: ModuleLogLine) => void) | undefined): void {
    for (const stream of this.#streams) {
      if (stream.isEmpty) continue;
      const { level } = stream;
      const { lines, lostBytes } = stream.take();
      if (log === undefined) continue;
      for (const text of lines) log({ module: this.#module, level, text });
      if (lostBytes > 0) {
        log({
          module: this.#module,
          level: "warn",
          text: `${lostBytes} more bytes were written and are lost`,
        });
      }
    }
  }

  /** What was written to the error output since the last time, such as the text of a panic, and is not handed on. */
  takeError(): string {
    const { lines } = this.#streams[1].take();
    const bytes = new TextEncoder().encode(lines.join("\n"));
    return errorTextOf(bytes, 0, bytes.length).trim();
  }
}

class Stream {
  readonly level: ModuleLogLine["level"];
  readonly #bytesMax: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;
  #lostBytes = 0;

  constructor(level: ModuleLogLine["level"], bytesMax: number) {
    this.level = level;
    this.#bytesMax = bytesMax;
  }

  get isEmpty(): boolean {
    return this.#length + this.#lostBytes === 0;
  }

  write(bytes: Uint8Array): void {
    const room = this.#bytesMax - this.#length;
    const taken = Math.min(room, bytes.length);
    if (this.#bytes.length === 0 && taken > 0) this.#bytes = new Uint8Array(this.#bytesMax);
    this.#bytes.set(bytes.subarray(0, taken), this.#length);
    this.#length += taken;
    this.#lostBytes += bytes.length - taken;
  }

  take(): { readonly lines: readonly string[]; readonly lostBytes: number } {
    const bytes = this.#bytes.subarray(0, this.#length);
    const end = bytes.at(-1) === lineFeed ? bytes.length - 1 : bytes.length;
    const lines = bytes.length === 0 ? [] : textOf(bytes.subarray(0, end)).split("\n");
    const lostBytes = this.#lostBytes;
    this.#length = 0;
    this.#lostBytes = 0;
    return { lines, lostBytes };
  }
}
