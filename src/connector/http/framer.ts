import { utf8 } from "../../base/index.ts";
import {
  Batch,
  DelimitedSplitter,
  type Frame,
  type FrameBase,
  FrameBuffer,
  FrameBuilder,
  type Header,
  type OversizeRecord,
} from "../../record/index.ts";
import { EventStreamParser, type ServerEvent } from "./event-stream.ts";

/** What was made of a part of a stream. */
export interface Framed {
  readonly frame: Frame;
  readonly oversize: readonly OversizeRecord[];
}

/**
 * Makes frames of the records in a stream, whatever its form. For each of them: `start`, `push` with what has come, as
 * long as it is not full, and `finish`. What is not complete waits for the next frame.
 */
export interface Framer {
  /** Records of the frame in hand, with those that were too large. */
  readonly recordCount: number;
  readonly isFull: boolean;
  /** The last event id up to the end of what was framed; undefined where the form has none. */
  readonly lastEventId: string | undefined;
  /** How long the server wants to be left alone between two connections. */
  readonly retryMs: number | undefined;
  start(buffer: FrameBuffer): void;
  /** Takes bytes of a chunk behind `from`; gives how much of the chunk is taken now. */
  push(chunk: Uint8Array, from: number): number;
  /** The response has ended as it should. */
  end(): void;
  /** The connection has broken; gives how many bytes of something incomplete are given up. */
  cut(): number;
  finish(base: FrameBase): Framed;
}

/** When a framer has enough. */
export interface BatchSize {
  readonly batchBytes: number;
  readonly recordsMax: number;
}

/** Records between delimiters; the last one of a response needs none behind it. */
export class DelimitedFramer implements Framer {
  readonly #splitter: DelimitedSplitter;
  readonly lastEventId = undefined;
  readonly retryMs = undefined;

  constructor(delimiter: string, size: BatchSize) {
    this.#splitter = new DelimitedSplitter(utf8(delimiter), size);
  }

  get recordCount(): number {
    return this.#splitter.recordCount;
  }

  get isFull(): boolean {
    return this.#splitter.isFull;
  }

  start(buffer: FrameBuffer): void {
    this.#splitter.start(buffer);
  }

  push(chunk: Uint8Array, from: number): number {
    return this.#splitter.push(chunk, from);
  }

  end(): void {
    this.#splitter.end();
  }

  cut(): number {
    const { restBytes } = this.#splitter;
    this.#splitter.forget();
    return restBytes;
  }

  finish(base: FrameBase): Framed {
    return this.#splitter.finish(base);
  }
}

/** Records between delimiters, each made into another form. */
export class WrappingFramer extends DelimitedFramer {
  readonly #wrap: (record: Uint8Array) => Uint8Array;
  readonly #scratch = new FrameBuffer();
  #buffer: FrameBuffer | undefined;

  constructor(delimiter: string, size: BatchSize, wrap: (record: Uint8Array) => Uint8Array) {
    super(delimiter, size);
    this.#wrap = wrap;
  }

  override start(buffer: FrameBuffer): void {
    this.#buffer = buffer;
    this.#scratch.reset();
    super.start(this.#scratch);
  }

  override finish(base: FrameBase): Framed {
    const { frame, oversize } = super.finish({});
    const builder = new FrameBuilder(this.#buffer);
    for (const { value } of new Batch(this.#scratch).start(frame)) builder.add({ value: this.#wrap(value) });
    return { frame: builder.finish(base), oversize };
  }
}

/** Events of a server: their data are the values, and headers tell their type and id where they have one. */
export class EventFramer implements Framer {
  readonly #size: BatchSize;
  readonly #parser: EventStreamParser;
  /** Events that have come and are in no frame yet. */
  #waiting: ServerEvent[] = [];
  #builder: FrameBuilder | undefined;
  #oversize: OversizeRecord[] = [];
  #framedId: string;

  constructor(lastEventId: string, size: BatchSize) {
    this.#size = size;
    this.#framedId = lastEventId;
    this.#parser = new EventStreamParser(lastEventId, (event) => this.#waiting.push(event));
  }

  get recordCount(): number {
    return (this.#builder?.recordCount ?? 0) + this.#oversize.length;
  }

  get isFull(): boolean {
    const { batchBytes, recordsMax } = this.#size;
    return this.recordCount >= recordsMax || (this.#builder?.byteCount ?? 0) >= batchBytes;
  }

  get lastEventId(): string {
    return this.#framedId;
  }

  get retryMs(): number | undefined {
    return this.#parser.retryMs;
  }

  start(buffer: FrameBuffer): void {
    this.#builder = new FrameBuilder(buffer);
    this.#oversize = [];
    this.#fill(this.#builder);
  }

  push(chunk: Uint8Array, from: number): number {
    this.#parser.push(chunk.subarray(from));
    if (this.#builder !== undefined) this.#fill(this.#builder);
    return chunk.length;
  }

  end(): void {
    this.cut();
  }

  cut(): number {
    const { pendingBytes } = this.#parser;
    this.#parser.reset();
    if (this.#waiting.length === 0) this.#framedId = this.#parser.lastEventId;
    return pendingBytes;
  }

  finish(base: FrameBase): Framed {
    const frame = (this.#builder as FrameBuilder).finish(base);
    this.#builder = undefined;
    return { frame, oversize: this.#oversize };
  }

  #fill(builder: FrameBuilder): void {
    let count = 0;
    for (const event of this.#waiting) {
      if (this.isFull) break;
      count++;
      this.#framedId = event.id;
      if ("oversize" in event) this.#oversize.push(event.oversize);
      else builder.add({ value: event.data, headers: headersOf(event.type, event.id) });
    }
    this.#waiting = this.#waiting.slice(count);
    // A block that gives an id and no data counts too, once all before it is framed.
    if (this.#waiting.length === 0) this.#framedId = this.#parser.lastEventId;
  }
}

function headersOf(type: string, id: string): readonly Header[] {
  const headers: Header[] = [];
  if (type !== "") headers.push({ name: "event", value: utf8(type) });
  if (id !== "") headers.push({ name: "id", value: utf8(id) });
  return headers;
}
