/*
 * CSV as RFC 4180 has it, with any one byte as the delimiter:
 *
 *   row     field, then (delimiter, field) again and again, then \n or \r\n
 *   field   bytes without delimiter, line feed and quote at the start, or
 *           " bytes, in which "" stands for one quote, and delimiters and line feeds for themselves "
 */

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Where in a field the byte in hand stands. */
const atStart = 0;
const plain = 1;
const quoted = 2;
/** Behind a quote in a quoted field: another one stands for a quote, anything else is behind the field. */
const behindQuote = 3;

/** Finds where a row of CSV ends whose bytes come in parts. */
export class RowBoundary {
  readonly #delimiter: number;
  #place = atStart;

  constructor(delimiter: number) {
    this.#delimiter = delimiter;
  }

  reset(): void {
    this.#place = atStart;
  }

  /** True in a quoted field that has not ended. */
  get isInQuotes(): boolean {
    return this.#place === quoted;
  }

  /** The position behind the row, or -1 when it goes on. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const delimiter = this.#delimiter;
    let place = this.#place;
    for (let at = from; at < to; at++) {
      const byte = bytes[at];
      if (place === quoted) {
        if (byte === quote) place = behindQuote;
      } else if (byte === lineFeed) {
        return at + 1;
      } else if (byte === delimiter) {
        place = atStart;
      } else if (byte === quote && place !== plain) {
        place = quoted;
      } else {
        place = plain;
      }
    }
    this.#place = place;
    return -1;
  }
}

/** Fields of a row as triples (at, end, 1 when quoted), without the quotes around them. */
export class RowFields {
  readonly #delimiter: number;
  spans = new Uint32Array(3 * 64);
  count = 0;

  constructor(delimiter: number) {
    this.#delimiter = delimiter;
  }

  /**
   * Takes the row in `[from, to)` apart.
   * @returns what is wrong with it, or undefined
   */
  split(bytes: Uint8Array, from: number, to: number): string | undefined {
    this.count = 0;
    const end = rowEnd(bytes, from, to);
    let at = from;
    for (;;) {
      const fieldEnd =
        bytes[at] === quote && at < end ? this.#quoted(bytes, at, end) : this.#plain(bytes, at, end);
      if (fieldEnd === end) return undefined;
      if (bytes[fieldEnd] !== this.#delimiter) {
        return `field ${this.count} of the row goes on behind its closing quote`;
      }
      at = fieldEnd + 1;
    }
  }

  #plain(bytes: Uint8Array, at: number, end: number): number {
    let to = at;
    while (to < end && bytes[to] !== this.#delimiter) to++;
    this.#add(at, to, 0);
    return to;
  }

  #quoted(bytes: Uint8Array, at: number, end: number): number {
    let to = at + 1;
    while (to < end) {
      if (bytes[to] !== quote) to++;
      else if (to + 1 < end && bytes[to + 1] === quote) to += 2;
      else break;
    }
    this.#add(at + 1, to, 1);
    return Math.min(to + 1, end);
  }

  #add(at: number, end: number, isQuoted: number): void {
    if (this.count * 3 === this.spans.length) {
      const larger = new Uint32Array(this.spans.length * 2);
      larger.set(this.spans);
      this.spans = larger;
    }
    this.spans[this.count * 3] = at;
    this.spans[this.count * 3 + 1] = end;
    this.spans[this.count * 3 + 2] = isQuoted;
    this.count++;
  }
}

/** Where a row ends without its line end. */
function rowEnd(bytes: Uint8Array, from: number, to: number): number {
  if (to === from || bytes[to - 1] !== lineFeed) return to;
  return to - 1 > from && bytes[to - 2] === carriageReturn ? to - 2 : to - 1;
}
