/*
 * Fluvio's wire format on plain objects, as slow and as plain as can be, to hold the codecs of the engine against. What the
 * engine writes is read here, and what it reads is written here.
 */

export interface WireRecord {
  readonly value: Uint8Array;
  readonly key?: Uint8Array | undefined;
  readonly timestampDelta?: number;
  readonly offsetDelta?: number;
}

export interface WireError {
  readonly hint: string;
  readonly offset: number;
  readonly kind?: number;
  readonly key?: Uint8Array | undefined;
  readonly value?: Uint8Array;
}

type Part = readonly number[];

export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.replace(/\W/g, "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function varint(value: number): Part {
  let coded = BigInt(value) < 0n ? -2n * BigInt(value) - 1n : 2n * BigInt(value);
  const bytes: number[] = [];
  for (; coded > 127n; coded >>= 7n) bytes.push(Number(coded & 127n) | 128);
  return [...bytes, Number(coded)];
}

const fixed = (byteCount: number, value: number): Part =>
  Array.from({ length: byteCount }, (_, i) =>
    Number((BigInt(value) >> BigInt(8 * (byteCount - 1 - i))) & 255n),
  );
const u16 = (value: number): Part => fixed(2, value);
export const u32 = (value: number): Part => fixed(4, value);
export const i64 = (value: number): Part => fixed(8, value);
export const data = (bytes: Uint8Array): Part => [...varint(bytes.length), ...bytes];
export const option = (part: Part | undefined): Part => (part === undefined ? [0] : [1, ...part]);
export const text = (value: string): Part => {
  const bytes = new TextEncoder().encode(value);
  return [...u16(bytes.length), ...bytes];
};

function record({ value, key, timestampDelta = 0, offsetDelta = 0 }: WireRecord): Part {
  const inner = [
    0,
    ...varint(timestampDelta),
    ...varint(offsetDelta),
    ...option(key && data(key)),
    ...data(value),
    0,
  ];
  return [...varint(inner.length), ...inner];
}

function runtimeError({ hint, offset, kind = 0, key, value = new Uint8Array(0) }: WireError): Part {
  return [...text(hint), ...i64(offset), kind, ...option(key && data(key)), ...data(value)];
}

export function output(records: readonly WireRecord[], error?: WireError): Part {
  return [...u32(records.length), ...records.flatMap(record), ...option(error && runtimeError(error))];
}

export function aggregateOutput(
  records: readonly WireRecord[],
  accumulator: Uint8Array,
  error?: WireError,
): Part {
  return [...output(records, error), ...u32(accumulator.length), ...accumulator];
}

/** Reads what the engine writes, byte by byte; throws where it is not what it should be. */
export class ReferenceReader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(byteCount: number): Uint8Array {
    if (this.at + byteCount > this.#bytes.length)
      throw new Error(`${byteCount} bytes at ${this.at} are not there`);
    this.at += byteCount;
    return this.#bytes.slice(this.at - byteCount, this.at);
  }

  number(byteCount: number): number {
    const bytes = this.take(byteCount);
    const unsigned = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    return Number(byteCount === 8 ? BigInt.asIntN(64, unsigned) : unsigned);
  }

  varint(): number {
    let coded = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.number(1);
      coded |= BigInt(byte & 127) << shift;
      if (byte < 128) break;
    }
    return Number((coded >> 1n) ^ -(coded & 1n));
  }

  option<Content>(read: () => Content): Content | undefined {
    const mark = this.number(1);
    if (mark > 1) throw new Error(`an option begins with ${mark}`);
    return mark === 1 ? read() : undefined;
  }

  data(): Uint8Array {
    return this.take(this.varint());
  }

  text(): string {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.take(this.number(2)));
  }

  record(): Required<WireRecord> {
    const length = this.varint();
    const end = this.at + length;
    if (this.number(1) !== 0) throw new Error("attributes are 0");
    const timestampDelta = this.varint();
    const offsetDelta = this.varint();
    const key = this.option(() => this.data());
    const value = this.data();
    if (this.varint() !== 0) throw new Error("there are no headers");
    if (this.at !== end) throw new Error(`a record of ${length} bytes ends at ${this.at}, not at ${end}`);
    return { value, key, timestampDelta, offsetDelta };
  }

  parameters(): [string, string][] {
    return Array.from({ length: this.number(2) }, () => [this.text(), this.text()]);
  }

  lookBack(): { last: number; age: { seconds: number; nanos: number } | undefined } | undefined {
    return this.option(() => ({
      last: this.number(8),
      age: this.option(() => ({ seconds: this.number(8), nanos: this.number(4) })),
    }));
  }

  /** The input of a transform in the form of a version. */
  input(version: 15 | 19 | 22, isAggregate = false) {
    const baseOffset = this.number(8);
    const rawLength = this.number(4);
    const rawEnd = this.at + rawLength;
    const records = Array.from({ length: this.number(4) }, () => this.record());
    if (this.at !== rawEnd) throw new Error("the records are not as long as they say");
    const parameters = this.parameters();
    const lookBack = version >= 20 ? this.lookBack() : undefined;
    if (version >= 16 && this.number(4) !== 0) throw new Error("there is no right record");
    const baseTimestamp = version >= 22 ? this.number(8) : undefined;
    const accumulator = isAggregate ? this.take(this.number(4)) : undefined;
    if (this.at !== this.#bytes.length) throw new Error(`${this.#bytes.length - this.at} bytes too many`);
    return { baseOffset, records, parameters, lookBack, baseTimestamp, accumulator };
  }
}
