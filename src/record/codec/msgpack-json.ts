import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { type MsgpackKind, type MsgpackType, msgpackTypes, unsignedAt } from "./msgpack-types.ts";
import type { TextWriter } from "./text-writer.ts";

const quote = 0x22;
const timestampType = -1;
const two32 = 4294967296;

/**
 * Writes a MessagePack value as JSON, without making values of it. What JSON has no word for:
 *
 * - integers of 64 bits are written with all their digits;
 * - binary becomes a text in base64;
 * - a timestamp becomes a text such as "2024-01-01T00:00:00Z", to the nanosecond;
 * - any other extension becomes {"ext":TYPE,"data":"BASE64"};
 * - an integer as the key of a map becomes a text;
 * - NaN, infinities and other keys fail the value, since nothing could stand for them that does not mean something else.
 */
export class MsgpackToJson {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #out: TextWriter;
  #at: number;

  /** @param at where the value begins, which must be there to its end */
  constructor(bytes: Uint8Array, at: number, out: TextWriter) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
    this.#out = out;
  }

  /** @throws MillraceError `msgpack.invalid` */
  write(): void {
    this.#value(0);
  }

  #value(depth: number): void {
    const first = this.#bytes[this.#at++] as number;
    const { kind, numberBytes, fixed } = msgpackTypes[first] as MsgpackType;
    if (kind === "integer") this.#integer(first, numberBytes);
    else if (kind === "float") this.#float(numberBytes);
    else if (kind === "nil") this.#out.ascii("null");
    else if (kind === "boolean") this.#out.ascii(first === 0xc3 ? "true" : "false");
    else {
      const count = numberBytes === 0 ? fixed : unsignedAt(this.#bytes, this.#at, numberBytes);
      this.#at += numberBytes;
      if (kind === "array") this.#array(count, depth + 1);
      else if (kind === "map") this.#map(count, depth + 1);
      else if (kind === "extension") this.#extension(count);
      else this.#string(kind, count);
    }
  }

  #string(kind: MsgpackKind, length: number): void {
    const from = this.#at;
    this.#at += length;
    this.#out.byte(quote);
    if (kind === "text") this.#out.escaped(this.#bytes, from, this.#at);
    else this.#out.base64(this.#bytes, from, this.#at);
    this.#out.byte(quote);
  }

  #array(count: number, depth: number): void {
    const out = this.#out;
    checkDepth(depth);
    out.byte(0x5b);
    for (let i = 0; i < count; i++) {
      if (i > 0) out.byte(0x2c);
      this.#value(depth);
    }
    out.byte(0x5d);
  }

  #map(count: number, depth: number): void {
    const out = this.#out;
    checkDepth(depth);
    out.byte(0x7b);
    for (let i = 0; i < count; i++) {
      if (i > 0) out.byte(0x2c);
      this.#key();
      out.byte(0x3a);
      this.#value(depth);
    }
    out.byte(0x7d);
  }

  #key(): void {
    const kind = msgpackTypes[this.#bytes[this.#at] as number]?.kind;
    if (kind !== "text" && kind !== "integer") {
      throw invalid(`a key of a map is of the type ${kind}, and keys of JSON are texts`);
    }
    if (kind === "integer") this.#out.byte(quote);
    this.#value(0);
    if (kind === "integer") this.#out.byte(quote);
  }

  #integer(first: number, numberBytes: number): void {
    const at = this.#at;
    this.#at += numberBytes;
    this.#out.ascii(String(this.#integerAt(at, first, numberBytes)));
  }

  #integerAt(at: number, first: number, numberBytes: number): number | bigint {
    const isSigned = first >= 0xd0;
    if (numberBytes === 0) return isSigned ? first - 0x100 : first;
    if (numberBytes === 8) return isSigned ? this.#view.getBigInt64(at) : this.#view.getBigUint64(at);
    const value = unsignedAt(this.#bytes, at, numberBytes);
    const range = 256 ** numberBytes;
    return isSigned && value >= range / 2 ? value - range : value;
  }

  #float(numberBytes: number): void {
    const value = numberBytes === 4 ? this.#view.getFloat32(this.#at) : this.#view.getFloat64(this.#at);
    this.#at += numberBytes;
    if (!Number.isFinite(value)) throw invalid(`the value holds ${value}, which JSON cannot`);
    // A zero keeps its sign.
    this.#out.ascii(Object.is(value, -0) ? "-0" : String(value));
  }

  #extension(length: number): void {
    const out = this.#out;
    const type = this.#view.getInt8(this.#at++);
    const from = this.#at;
    this.#at += length;
    const time = type === timestampType ? this.#time(from, length) : undefined;
    if (time !== undefined) {
      out.ascii(`"${time}"`);
      return;
    }
    out.ascii(`{"ext":${type},"data":"`);
    out.base64(this.#bytes, from, this.#at);
    out.ascii('"}');
  }

  /** The time that a timestamp says, or undefined when it is none or beyond what a calendar of four digits holds. */
  #time(at: number, length: number): string | undefined {
    const view = this.#view;
    let seconds: number;
    let nanoseconds = 0;
    if (length === 4) seconds = view.getUint32(at);
    else if (length === 8) {
      nanoseconds = view.getUint32(at) >>> 2;
      seconds = (view.getUint32(at) & 3) * two32 + view.getUint32(at + 4);
    } else if (length === 12) {
      nanoseconds = view.getUint32(at);
      seconds = view.getInt32(at + 4) * two32 + view.getUint32(at + 8);
    } else return undefined;
    const whole = new Date(seconds * 1000);
    if (nanoseconds > 999_999_999 || Number.isNaN(whole.getTime())) return undefined;
    const text = whole.toISOString();
    if (text.length !== "2024-01-01T00:00:00.000Z".length) return undefined;
    const fraction = nanoseconds === 0 ? "" : `.${String(nanoseconds).padStart(9, "0").replace(/0+$/, "")}`;
    return `${text.slice(0, 19)}${fraction}Z`;
  }
}

function checkDepth(depth: number): void {
  const { default: depthMax } = limits.jsonDepthMax;
  if (depth > depthMax) throw invalid(`the value is nested deeper than ${depthMax} levels`);
}

function invalid(message: string): MillraceError {
  return new MillraceError("msgpack.invalid", message);
}
