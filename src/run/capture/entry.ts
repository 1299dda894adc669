import { crc32 } from "node:zlib";
import { Packr } from "msgpackr";
import { align8 } from "../../base/index.ts";
import { MillraceError, type Where } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { type Frame, openFrame } from "../../record/index.ts";
import { type Envelope, envelopeSchema } from "./envelope.ts";
import { entryHeaderBytes, field } from "./layout.ts";
import { isPlainMessagePack } from "./messagepack-check.ts";

/** An entry of a capture: what it says, and the frames that it says it of. */
export interface Entry<Kind extends Envelope = Envelope> {
  readonly envelope: Kind;
  readonly frames: readonly Frame[];
}

const packr = new Packr({ useRecords: false, variableMapSize: true });

/** The bytes of an entry. */
export function encodeEntry(envelope: Envelope, frames: readonly Frame[]): Uint8Array {
  const packed = packr.pack(envelope);
  const framesAt = align8(entryHeaderBytes + packed.length);
  const entryBytes = frames.reduce((sum, frame) => sum + frame.bytes.length, framesAt);
  const bytes = new Uint8Array(entryBytes);
  bytes.set(packed, entryHeaderBytes);
  let at = framesAt;
  for (const frame of frames) {
    bytes.set(frame.bytes, at);
    at += frame.bytes.length;
  }
  const words = new Uint32Array(bytes.buffer, 0, entryHeaderBytes / 4);
  words[field.entryBytes] = entryBytes;
  words[field.envelopeBytes] = packed.length;
  words[field.frames] = frames.length;
  words[field.checksum] = crc32(bytes.subarray(entryHeaderBytes));
  return bytes;
}

/**
 * How many bytes an entry has that begins with these.
 * @throws MillraceError `capture.invalid` for a number that no entry has
 */
export function entryBytesOf(header: Uint8Array, where: Where): number {
  const entryBytes = new DataView(header.buffer, header.byteOffset).getUint32(field.entryBytes * 4, true);
  const most = limits.captureEntryBytesMax.default;
  if (entryBytes >= entryHeaderBytes && entryBytes % 8 === 0 && entryBytes <= most) return entryBytes;
  throw invalidCapture(`has an entry that claims ${entryBytes} bytes`, where);
}

/**
 * Reads an entry after checking all of it.
 * @param bytes exactly the entry, at a multiple of 8
 * @returns undefined for a kind that this version does not know
 * @throws MillraceError `capture.invalid`, `frame.invalid`
 */
export function decodeEntry(bytes: Uint8Array, where: Where): Entry | undefined {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, entryHeaderBytes / 4);
  if (words[field.checksum] !== crc32(bytes.subarray(entryHeaderBytes))) {
    throw invalidCapture("has an entry that is not as it was written: its checksum is another one", where);
  }
  const envelopeEnd = entryHeaderBytes + (words[field.envelopeBytes] as number);
  if (envelopeEnd > bytes.length)
    throw invalidCapture("has an envelope that reaches beyond its entry", where);
  const envelope = decodeEnvelope(bytes.subarray(entryHeaderBytes, envelopeEnd), where);
  const frames: Frame[] = [];
  let at = align8(envelopeEnd);
  for (let left = words[field.frames] as number; left > 0; left--) {
    if (at >= bytes.length) throw invalidCapture("has fewer frames than an entry claims", where);
    const frame = openFrame(bytes.subarray(at));
    frames.push(frame);
    at += frame.bytes.length;
  }
  if (at !== bytes.length) throw invalidCapture("has bytes in an entry that belong to nothing", where);
  if (envelope !== undefined) checkFrames(envelope, frames, where);
  return envelope && { envelope, frames };
}

function decodeEnvelope(bytes: Uint8Array, where: Where): Envelope | undefined {
  if (bytes.length > limits.captureEnvelopeBytesMax.default) {
    throw invalidCapture(`has an envelope of ${bytes.length} bytes`, where);
  }
  if (!isPlainMessagePack(bytes)) throw invalidCapture("has an envelope that is no MessagePack", where);
  let value: unknown;
  try {
    // A copy, since the decoder gives binary values as views, which would keep all of the entry alive.
    value = packr.unpack(bytes.slice());
  } catch (error) {
    throw invalidCapture("has an envelope that is no MessagePack", where, error);
  }
  const kind = typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
  const isKnown = ["head", "look-back", "batch", "end"].some((known) => known === kind);
  if (typeof kind === "string" && !isKnown) return undefined;
  const { data, error } = envelopeSchema.safeParse(value);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  const path = issue?.path.join(".") ?? "";
  throw invalidCapture(
    `has an envelope of ${String(kind)} in which ${path || "something"} is wrong`,
    where,
    error,
  );
}

/** Holds that an envelope speaks of records that are there, and of each of them. */
function checkFrames(envelope: Envelope, frames: readonly Frame[], where: Where): void {
  const wrong = (what: string): MillraceError => invalidCapture(`has a ${envelope.kind} that ${what}`, where);
  if (envelope.kind === "look-back" && frames.length !== 1) throw wrong("has not one frame");
  if (envelope.kind !== "batch") return;
  const [first] = frames;
  if (first === undefined) throw wrong("has no frame");
  if (envelope.masked.some((record) => record >= first.recordCount)) throw wrong("masks a record it has not");
  let next = 0;
  for (const { before, after, became, origins, failures, threw } of envelope.steps) {
    const frame = frames[before];
    const result = after === null ? undefined : frames[after];
    if (before !== next || frame === undefined) throw wrong("has a step without the frame before it");
    if ((result === undefined) !== (threw !== null)) throw wrong("has a step without the frame after it");
    if (became.length !== (threw === null ? frame.recordCount : 0))
      throw wrong("tells of other records than it has");
    if (failures.some(({ record }) => record >= frame.recordCount)) throw wrong("fails a record it has not");
    if (result === undefined) continue;
    const made = origins === null ? result.recordCount : origins.length / 4;
    if (made !== result.recordCount) throw wrong("does not say of each record what it was made of");
    if (origins === null ? made > frame.recordCount : !areRising(origins, frame.recordCount)) {
      throw wrong("makes a record of one it has not, or out of order");
    }
    next = after as number;
  }
}

function areRising(origins: Uint8Array, recordCount: number): boolean {
  const view = new DataView(origins.buffer, origins.byteOffset, origins.length);
  let last = 0;
  for (let at = 0; at < origins.length; at += 4) {
    const origin = view.getUint32(at, true);
    if (origin < last || origin >= recordCount) return false;
    last = origin;
  }
  return true;
}

export function invalidCapture(what: string, where: Where, cause?: unknown): MillraceError {
  return new MillraceError("capture.invalid", `the capture ${what}`, {
    where,
    hint: "it is damaged, or no capture; `millrace capture` makes one",
    cause,
  });
}
