import { utf8 } from "../../base/index.ts";
import type { GuestLimits } from "../guest-limits.ts";
import type { ModuleLogLine } from "./contract.ts";

/** Hands on what a module logs while it works on a batch, as far as that is within its limits, and says what was lost. */
export class LogCap {
  readonly #module: string;
  readonly #limits: GuestLimits;
  readonly #log: ((line: ModuleLogLine) => void) | undefined;
  #lines = 0;
  #bytes = 0;
  #lostLines = 0;

  constructor(
    { name, limits }: { readonly name: string; readonly limits: GuestLimits },
    log: ((line: ModuleLogLine) => void) | undefined,
  ) {
    this.#module = name;
    this.#limits = limits;
    this.#log = log;
  }

  readonly take = (line: ModuleLogLine): void => {
    const { logLinesMax, logBytesMax } = this.#limits;
    const byteCount = utf8(line.text).length;
    if (this.#lines >= logLinesMax || byteCount > logBytesMax - this.#bytes) {
      this.#lostLines++;
      return;
    }
    this.#lines++;
    this.#bytes += byteCount;
    this.#log?.(line);
  };

  /** Lines that the module itself found no room for. */
  readonly lose = (lineCount: number): void => {
    this.#lostLines += lineCount;
  };

  /** The batch is done: the next one may log as much again. */
  end(): void {
    if (this.#lostLines > 0) {
      const text =
        `${this.#lostLines} more lines were logged for this batch and are lost; \`log-lines-per-batch\` and ` +
        "`log-bytes-per-batch` under `limits:` say how much is kept";
      this.#log?.({ module: this.#module, level: "warn", text });
    }
    this.#lines = 0;
    this.#bytes = 0;
    this.#lostLines = 0;
  }
}
