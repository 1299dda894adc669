import type { Readable } from "node:stream";
import { MillraceError, messageOf, type Where } from "../../errors.ts";
import type { Reading, Source } from "../../pipeline/index.ts";
import type { Frame, FrameBuffer } from "../../record/index.ts";
import { type Format, FormatReader, offsetIn, placeIn, StreamInput } from "../format/index.ts";
import type { ConnectorContext } from "../spec.ts";

const place = "standard input";

export function createStdioSource(
  format: Format,
  context: ConnectorContext,
  stream: Readable = process.stdin,
): Source {
  return new StdioSource(format, context, stream);
}

/**
 * Records of standard input, to its end. What was read cannot be read again, so there are no positions: what a run has
 * read and not delivered is lost with it.
 */
class StdioSource implements Source {
  readonly #format: Format;
  readonly #context: ConnectorContext;
  readonly #stream: Readable;
  readonly #reader: FormatReader;
  #input: StreamInput | undefined;

  constructor(format: Format, context: ConnectorContext, stream: Readable) {
    this.#format = format;
    this.#context = context;
    this.#stream = stream;
    this.#reader = new FormatReader({
      format,
      place: (offset) => placeIn(place, format, offset),
      batchBytes: context.batchBytes,
      batchRecords: context.batchRecords,
    });
  }

  async open(): Promise<void> {
    this.#input = new StreamInput(this.#stream);
  }

  async read(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined> {
    if (signal.aborted || this.#input === undefined) return undefined;
    const timestamp = this.#context.clock.now();
    try {
      const reading = await this.#reader.read(buffer, this.#input, { signal, timestamp });
      return reading === undefined ? undefined : { ...reading, position: undefined };
    } catch (error) {
      throw MillraceError.is(error) ? error : unreadable(error);
    }
  }

  /** Lets go of the stream: whoever writes to it is told, and the process need not wait for it. */
  async close(): Promise<void> {
    this.#stream.destroy();
  }

  locate(frame: Frame, index: number): Where {
    return placeIn(place, this.#format, offsetIn(frame, index));
  }
}

function unreadable(thrown: unknown): MillraceError {
  return new MillraceError("file.unreadable", `standard input cannot be read: ${messageOf(thrown)}`, {
    where: { file: place },
    hint: "pipe something into the command, as in `cat app.ndjson | millrace run …`, or send a file there with `<`",
    cause: thrown,
  });
}
