import type { Readable } from "node:stream";
import type { ByteInput } from "./decode.ts";

/** The bytes of a Node stream, taken as they are asked for, so that whoever fills it is slowed by whoever reads. */
export class StreamInput implements ByteInput {
  readonly #stream: Readable;
  #isAtEnd = false;
  #failure: unknown;

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.once("end", () => {
      this.#isAtEnd = true;
    });
    // Listened to all the time, since a failure between two reads would end the process otherwise.
    stream.once("error", (error) => {
      this.#failure = error;
    });
  }

  /** @throws what the stream fails with */
  async read(bytes: Uint8Array, from: number, to: number, signal: AbortSignal): Promise<number> {
    const stream = this.#stream;
    while (!signal.aborted) {
      // What was buffered before a failure is good.
      const wanted = Math.min(to - from, stream.readableLength);
      const chunk: Uint8Array | null = wanted === 0 ? stream.read(0) : stream.read(wanted);
      if (chunk !== null) {
        bytes.set(chunk, from);
        return chunk.length;
      }
      // The failure is known before it is told, and the stream is closed by then.
      const failure = this.#failure ?? stream.errored;
      if (failure !== undefined && failure !== null) throw failure;
      if (this.#isAtEnd || stream.readableEnded || stream.destroyed) return 0;
      await this.#change(signal);
    }
    return 0;
  }

  /** Resolves when there is something to read, at the end, on a failure, and when the signal aborts. */
  #change(signal: AbortSignal): Promise<void> {
    const stream = this.#stream;
    return new Promise((resolve) => {
      const names = ["readable", "end", "error", "close"] as const;
      const changed = (): void => {
        for (const name of names) stream.removeListener(name, changed);
        signal.removeEventListener("abort", changed);
        resolve();
      };
      for (const name of names) stream.on(name, changed);
      signal.addEventListener("abort", changed, { once: true });
    });
  }
}
