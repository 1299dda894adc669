import type { OutputStream } from "../../../src/cli/output/index.ts";

export interface FakeStreamOptions {
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
  /** Told of each write. */
  readonly onWrite?: (textSoFar: string) => void;
  /** What writes fail with from now on. */
  readonly failsWith?: () => string | undefined;
}

/** A standard stream that keeps what was written to it. */
export class FakeStream implements OutputStream {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  text = "";
  readonly #failsWith: () => string | undefined;
  readonly #onWrite: (textSoFar: string) => void;

  constructor(options: FakeStreamOptions = {}) {
    const { isTTY = false, columns, failsWith = () => undefined, onWrite = () => {} } = options;
    this.#onWrite = onWrite;
    this.isTTY = isTTY;
    this.columns = columns;
    this.#failsWith = failsWith;
  }

  write(data: string | Uint8Array, done: (error?: Error | null) => void): boolean {
    const code = this.#failsWith();
    if (code === undefined)
      this.text += typeof data === "string" ? data : Buffer.from(data).toString("latin1");
    this.#onWrite(this.text);
    queueMicrotask(() =>
      done(code === undefined ? null : Object.assign(new Error(`write ${code}`), { code })),
    );
    return true;
  }

  on(): this {
    return this;
  }
}
