import type { Writable } from "node:stream";
import { assert } from "../../base/index.ts";
import { MillraceError, messageOf } from "../../errors.ts";
import type { Sink } from "../../pipeline/index.ts";
import type { Batch, Encoder, RecordFailure } from "../../record/index.ts";
import { encoderFor, type Format } from "../format/index.ts";

export function createStdioSink(format: Format, stream: Writable = process.stdout): Sink {
  return new StdioSink(format, stream);
}

/**
 * Records on standard output. A batch counts as delivered when the system has taken it; what the program behind a pipe
 * does with it is beyond what can be known here.
 */
class StdioSink implements Sink {
  readonly #format: Format;
  readonly #stream: Writable;
  #encoder: Encoder | undefined;
  #hasBegun = false;

  constructor(format: Format, stream: Writable) {
    this.#format = format;
    this.#stream = stream;
  }

  async open(): Promise<void> {
    this.#encoder = await encoderFor(this.#format);
    // Who writes is told of every failure; without a listener it would also end the process.
    this.#stream.on("error", ignore);
  }

  async write(batch: Batch): Promise<readonly RecordFailure[]> {
    assert(this.#encoder !== undefined, "a sink is open while it is written to");
    const { bytes, refused } = this.#encoder.encode(batch);
    if (bytes.length > 0) {
      const { preamble } = this.#encoder;
      if (!this.#hasBegun && preamble !== undefined) await this.#put(preamble);
      this.#hasBegun = true;
      await this.#put(bytes);
    }
    return refused;
  }

  async flush(): Promise<void> {
    // Every write has waited until the system had taken the bytes.
  }

  async close(): Promise<void> {
    this.#stream.removeListener("error", ignore);
  }

  #put(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(bytes, (error) => {
        if (error === undefined || error === null) resolve();
        else reject(writeFailure(error));
      });
    });
  }
}

function ignore(): void {}

function writeFailure(error: NodeJS.ErrnoException): MillraceError {
  const where = { file: "standard output" };
  if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED") {
    return new MillraceError("stdio.closed", "the program that read standard output has gone away", {
      where,
      hint: "records that it was not given come in the next run",
      cause: error,
    });
  }
  return new MillraceError("file.unwritable", `standard output cannot be written: ${messageOf(error)}`, {
    where,
    hint: "free space, or send the output somewhere else",
    cause: error,
  });
}
