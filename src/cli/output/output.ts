import { MillraceError } from "../../errors.ts";
import { type Environment, type Style, styleFor } from "./style.ts";

/** What is needed of a stream such as `process.stdout`. */
export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  /** Columns of the terminal. */
  readonly columns?: number | undefined;
  write(data: string | Uint8Array, done: (error?: Error | null) => void): boolean;
  on(event: "error", listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** One of the standard streams, with the style that fits it. */
export class Output {
  readonly style: Style;
  readonly isTerminal: boolean;
  readonly #stream: OutputStream;
  readonly #name: string;
  readonly #closed = new AbortController();

  /** @param name what errors call the stream */
  constructor(stream: OutputStream, name: string, environment: Environment) {
    this.#stream = stream;
    this.#name = name;
    this.isTerminal = stream.isTTY === true;
    this.style = styleFor(this.isTerminal, environment);
    // Errors are told to whoever wrote; without a listener they would also end the process.
    stream.on("error", (error) => this.#noteClosed(error));
  }

  get columns(): number {
    // A terminal that does not know its size says 0.
    return this.#stream.columns || 80;
  }

  /** Aborts when nobody reads the stream any more, as in `millrace ... | head`. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /**
   * Writes, and resolves when the data was taken, or when nobody reads any more. The data is free again then.
   * @throws MillraceError `file.unwritable` when the stream is a file on a full disk, for example
   */
  write(data: string | Uint8Array): Promise<void> {
    if (this.closed.aborted) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#stream.write(data, (error) => {
        if (error === undefined || error === null || this.#noteClosed(error)) return resolve();
        reject(
          new MillraceError("file.unwritable", `${this.#name} cannot be written: ${error.message}`, {
            hint: "free space, or send the output somewhere else",
            cause: error,
          }),
        );
      });
    });
  }

  /** Writes what is said beside the work; if that cannot be written, the work goes on. */
  say(text: string): void {
    this.write(text).catch(() => {});
  }

  #noteClosed(error: NodeJS.ErrnoException): boolean {
    const isClosed = error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED";
    if (isClosed) this.#closed.abort();
    return isClosed;
  }
}
