import { MillraceError, type Where } from "../../errors.ts";
import { decodeEntry, type Entry, entryBytesOf, invalidCapture } from "./entry.ts";
import type { BatchEnvelope, EndEnvelope, HeadEnvelope, LookBackEnvelope } from "./envelope.ts";
import { entryHeaderBytes, fileMark } from "./layout.ts";

/** Where the bytes of a capture are. */
export interface CaptureBytes {
  /** What errors call it. */
  readonly name: string;
  readonly length: number;
  /** Exactly so many bytes, at a multiple of 8 of a buffer of their own. */
  read(at: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

export type CaptureEntry = Entry<LookBackEnvelope | BatchEnvelope>;

/**
 * Reads a capture, an entry at a time. What a crash has left, which ends in the middle of an entry or before the one that says it
 * is the end, is read up to there.
 */
export class CaptureReader {
  readonly #bytes: CaptureBytes;
  readonly head: HeadEnvelope;
  #at: number;
  #end: EndEnvelope | undefined;

  private constructor(bytes: CaptureBytes, head: HeadEnvelope, at: number) {
    this.#bytes = bytes;
    this.head = head;
    this.#at = at;
  }

  /** @throws MillraceError `capture.invalid`, `file.unreadable`; the bytes are closed then */
  static async open(bytes: CaptureBytes): Promise<CaptureReader> {
    try {
      return await CaptureReader.#open(bytes);
    } catch (error) {
      await bytes.close();
      throw error;
    }
  }

  static async #open(bytes: CaptureBytes): Promise<CaptureReader> {
    const where = { file: bytes.name };
    const mark = bytes.length < fileMark.length ? undefined : await bytes.read(0, fileMark.length);
    if (mark === undefined || fileMark.some((byte, index) => byte !== mark[index])) {
      throw new MillraceError(
        "capture.invalid",
        `${bytes.name} is no capture: it does not begin with "MRCAP"`,
        {
          where,
          hint: "`millrace capture CONFIG` makes one",
        },
      );
    }
    const first = await entryAt(bytes, fileMark.length);
    if (first === undefined) throw invalidCapture("ends before its head does", where);
    if (first.entry?.envelope.kind !== "head") throw invalidCapture("does not begin with its head", where);
    return new CaptureReader(bytes, first.entry.envelope, first.end);
  }

  /** What the writer said at the end; undefined while it was not reached, and where it is not there. */
  get end(): EndEnvelope | undefined {
    return this.#end;
  }

  /** The entries behind the head. @throws MillraceError `capture.invalid`, `frame.invalid`, `file.unreadable` */
  async *entries(): AsyncGenerator<CaptureEntry> {
    const where = { file: this.#bytes.name };
    for (;;) {
      const next = await entryAt(this.#bytes, this.#at);
      if (next === undefined) return;
      this.#at = next.end;
      if (next.entry === undefined) continue;
      const { envelope, frames } = next.entry;
      if (envelope.kind === "head") throw invalidCapture("has a second head", where);
      if (envelope.kind === "end") {
        this.#end = envelope;
        return;
      }
      if (envelope.kind === "look-back" && envelope.step >= this.head.steps.length) {
        throw invalidCapture("shows earlier records to a step that it does not have", where);
      }
      if (envelope.kind === "batch" && envelope.steps.length > this.head.steps.length) {
        throw invalidCapture("has a batch with more steps than there are", where);
      }
      yield { envelope, frames };
    }
  }

  close(): Promise<void> {
    return this.#bytes.close();
  }
}

interface Placed {
  readonly entry: Entry | undefined;
  readonly end: number;
}

/** The entry at a place; undefined where not all of it is there. */
async function entryAt(bytes: CaptureBytes, at: number): Promise<Placed | undefined> {
  if (at + entryHeaderBytes > bytes.length) return undefined;
  const where: Where = { file: bytes.name };
  const end = at + entryBytesOf(await bytes.read(at, entryHeaderBytes), where);
  if (end > bytes.length) return undefined;
  return { entry: decodeEntry(await bytes.read(at, end - at), where), end };
}
