import { textOf } from "../../base/index.ts";
import { limits } from "../../limits.ts";
import type { OversizeRecord } from "../../record/index.ts";
import { BoundedBytes } from "./bounded-bytes.ts";

const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const colon = 58;
const lineEnd = Uint8Array.of(lineFeed);
const byteOrderMark = [0xef, 0xbb, 0xbf] as const;
/** Bytes of the longest name of a field, with a colon and a space behind it, and a mark of the encoding before it. */
const fieldBytesMax = 10;

/** What a server sent as one event, or that it was too large. */
export type ServerEvent = {
  /** The last event id after it; empty where the server gave none. */
  readonly id: string;
} & ({ readonly data: Uint8Array; readonly type: string } | { readonly oversize: OversizeRecord });

/**
 * Reads `text/event-stream` as the HTML standard says, from chunks of any size:
 *
 *     : a comment          every line ends with CR, LF or both
 *     event: name          the type; `message` where there is none
 *     id: 17               stays for later events, until there is another
 *     retry: 3000          ms to wait before connecting again
 *     data: one            lines of data are joined with line feeds
 *     data: two
 *                          an empty line ends the event
 *
 * At most one event and one line are held; an event that is larger than a record may be is passed over and reported.
 */
export class EventStreamParser {
  readonly #recordBytesMax: number;
  readonly #onEvent: (event: ServerEvent) => void;
  #isFirstLine = true;
  /** The chunk before ended with a carriage return, to which a line feed may still belong. */
  #isAfterReturn = false;
  /** The beginning of a line of which the end has not come yet. */
  readonly #line: BoundedBytes;
  /** Lines of data, each with a line feed. */
  readonly #data: BoundedBytes;
  #type = "";
  #id: string;
  #lastEventId: string;
  #retryMs: number | undefined;

  constructor(
    lastEventId: string,
    onEvent: (event: ServerEvent) => void,
    recordBytesMax: number = limits.recordBytesMax.default,
  ) {
    this.#id = lastEventId;
    this.#lastEventId = lastEventId;
    this.#onEvent = onEvent;
    this.#recordBytesMax = recordBytesMax;
    this.#line = new BoundedBytes(recordBytesMax + fieldBytesMax);
    this.#data = new BoundedBytes(recordBytesMax + 1);
  }

  /** The id to go on behind, after another connection is made. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  /** How long the server wants to be left alone after a connection has ended. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  /** Bytes of an event that is not complete. */
  get pendingBytes(): number {
    return this.#data.count + this.#line.count;
  }

  push(chunk: Uint8Array): void {
    let from = this.#isAfterReturn && chunk[0] === lineFeed ? 1 : 0;
    if (chunk.length > 0) this.#isAfterReturn = false;
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte !== lineFeed && byte !== carriageReturn) continue;
      this.#endLine(chunk.subarray(from, at));
      if (byte === carriageReturn) {
        if (at + 1 === chunk.length) this.#isAfterReturn = true;
        else if (chunk[at + 1] === lineFeed) at++;
      }
      from = at + 1;
    }
    this.#line.add(chunk.subarray(from));
  }

  /** The connection is over: an event that is not complete is none, and the next connection begins anew. */
  reset(): void {
    this.#isFirstLine = true;
    this.#isAfterReturn = false;
    this.#line.clear();
    this.#id = this.#lastEventId;
    this.#clearEvent();
  }

  #endLine(end: Uint8Array): void {
    if (this.#line.count === 0) {
      this.#take(end, 0);
      return;
    }
    this.#line.add(end);
    this.#take(this.#line.kept, this.#line.count - this.#line.kept.length);
    this.#line.clear();
  }

  /** @param lostBytes what is missing at the end of a line that is too large */
  #take(given: Uint8Array, lostBytes: number): void {
    const hasMark = this.#isFirstLine && byteOrderMark.every((byte, index) => given[index] === byte);
    this.#isFirstLine = false;
    const line = hasMark ? given.subarray(byteOrderMark.length) : given;
    const colonAt = line.indexOf(colon);
    if (line.length === 0) this.#dispatch();
    else if (colonAt !== 0) this.#takeField(line, colonAt < 0 ? line.length : colonAt, lostBytes);
    // What begins with a colon is a comment.
  }

  #takeField(line: Uint8Array, nameEnd: number, lostBytes: number): void {
    const value = line.subarray(nameEnd + (line[nameEnd + 1] === space ? 2 : 1));
    switch (nameEnd <= fieldBytesMax ? textOf(line.subarray(0, nameEnd)) : "") {
      case "data":
        this.#data.add(value);
        this.#data.skip(lostBytes);
        this.#data.add(lineEnd);
        return;
      case "event":
        this.#type = value.length <= limits.eventFieldBytesMax.default ? textOf(value) : "";
        return;
      case "id":
        if (value.length <= limits.eventFieldBytesMax.default && !value.includes(0)) this.#id = textOf(value);
        return;
      case "retry":
        if (/^\d{1,15}$/.test(textOf(value.subarray(0, 16)))) {
          this.#retryMs = Math.min(Number(textOf(value)), limits.retryAfterMsMax.default);
        }
    }
  }

  #dispatch(): void {
    const id = this.#id;
    this.#lastEventId = id;
    // The line feed behind the last line of data is none of them.
    const byteCount = this.#data.count - 1;
    if (byteCount > this.#recordBytesMax) {
      const sample = this.#data.kept.slice(0, limits.sampleBytesMax.default);
      this.#onEvent({ id, oversize: { byteCount, sample } });
    } else if (byteCount >= 0) {
      this.#onEvent({ id, data: this.#data.kept.slice(0, byteCount), type: this.#type });
    }
    this.#clearEvent();
  }

  #clearEvent(): void {
    this.#data.clear();
    this.#type = "";
  }
}
