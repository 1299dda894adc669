import type { Logger, Redactor } from "../../base/index.ts";
import { messageOf } from "../../errors.ts";
import type { Batch, Frame } from "../../record/index.ts";
import { batchEntry, type TakenBatch } from "./batch-entry.ts";
import type { Taking } from "./captured-transform.ts";
import { encodeEntry } from "./entry.ts";
import type { EndEnvelope, HeadEnvelope } from "./envelope.ts";
import { WholeFile } from "./file.ts";
import { editedFrame, frameOfBatch, type RecordEdit } from "./frame-edit.ts";
import { fileMark } from "./layout.ts";
import { Mask } from "./mask.ts";
import { Stepper } from "./stepper.ts";

/** What goes into a capture. */
export interface CaptureScope {
  /** Records before the first step. */
  readonly recordsMax: number;
  /** Size of the file. */
  readonly bytesMax: number;
  /** Share of the batches, above 0 and up to 1; the first one is always among them. */
  readonly share: number;
  /** Fields of private data. */
  readonly mask: readonly string[];
  /** Takes the secrets of the config out of what modules say; without it there are none. */
  readonly redactor?: Redactor;
}

/** What a capture came to. */
export interface CaptureSummary {
  readonly file: string;
  /** False where nothing was captured, or something kept it from being written; then there is no file. */
  readonly isWritten: boolean;
  readonly batches: number;
  /** Records before the first step. */
  readonly records: number;
  readonly maskedRecords: number;
  readonly bytes: number;
  readonly full: EndEnvelope["full"];
  /** What kept it from being written; undefined for most. */
  readonly error: unknown;
}

/** Room for the entry that says how the capture has ended. */
const endBytes = 256;

/** Writes a capture while a pipeline runs. What keeps it from that ends the capture, and not the run. */
export class Recorder {
  readonly #file: WholeFile;
  readonly #name: string;
  readonly #scope: CaptureScope;
  readonly #mask: Mask | undefined;
  readonly #log: Logger;
  readonly #onFull: () => void;
  readonly #stepper = new Stepper();
  #lastAppend: Promise<void> = Promise.resolve();
  #full: EndEnvelope["full"] = null;
  #error: unknown;
  /** Batches and records that have come, in the capture or not. */
  #seen = 0;
  #seenRecords = 0;
  #batches = 0;
  #records = 0;
  #maskedRecords = 0;

  private constructor(
    file: WholeFile,
    name: string,
    scope: CaptureScope,
    mask: Mask | undefined,
    log: Logger,
    onFull: () => void,
  ) {
    this.#file = file;
    this.#name = name;
    this.#scope = scope;
    this.#mask = mask;
    this.#log = log;
    this.#onFull = onFull;
  }

  /** @throws MillraceError `file.unwritable`, `cli.usage` for a mask */
  static async create(
    name: string,
    head: HeadEnvelope,
    scope: CaptureScope,
    log: Logger,
    onFull: () => void,
  ): Promise<Recorder> {
    const mask = scope.mask.length === 0 ? undefined : new Mask(scope.mask);
    const recorder = new Recorder(await WholeFile.create(name), name, scope, mask, log, onFull);
    await recorder.#file.append(fileMark);
    await recorder.#file.append(encodeEntry(head, []));
    return recorder;
  }

  /** Notes a batch, before the first step; undefined where it is none of those that are captured. */
  begin(batch: Batch): (Taking & { readonly number: number; readonly firstRecord: number }) | undefined {
    const number = this.#seen++;
    const firstRecord = this.#seenRecords;
    this.#seenRecords += batch.count;
    const { share } = this.#scope;
    const isTaken = Math.ceil((number + 1) * share) > Math.ceil(number * share);
    if (!isTaken || this.#isOver) return undefined;
    const first = frameOfBatch(batch);
    return { number, firstRecord, stepper: this.#stepper, first, frame: first, steps: [] };
  }

  lookBack(step: number, frame: Frame): void {
    const shown = this.#mask === undefined ? frame : maskedFrame(frame, this.#mask);
    void this.#append(() => encodeEntry({ kind: "look-back", step }, [shown]));
  }

  /** Writes a batch that has been through the steps, as far as it got. */
  add(taken: TakenBatch): Promise<void> {
    return this.#append(() => {
      if (this.#isOver) return undefined;
      const room = this.#scope.bytesMax - this.#file.bytes - endBytes;
      let recordsMax = this.#scope.recordsMax - this.#records;
      if (taken.first.recordCount >= recordsMax) this.#full = "records";
      recordsMax = Math.min(recordsMax, taken.first.recordCount);
      for (;;) {
        const { envelope, frames } = batchEntry(taken, recordsMax, this.#mask, this.#scope.redactor);
        const bytes = encodeEntry(envelope, frames);
        if (bytes.length <= room) {
          this.#batches++;
          this.#records += recordsMax;
          this.#maskedRecords += envelope.masked.length;
          return bytes;
        }
        this.#full = "bytes";
        if (recordsMax <= 1) return undefined;
        recordsMax >>= 1;
      }
    });
  }

  /** Ends the capture, which is there then, unless nothing was captured or something kept it from being written. */
  async finish(): Promise<CaptureSummary> {
    await this.#lastAppend;
    const counts = { batches: this.#batches, records: this.#records, full: this.#full };
    await this.#append(() => encodeEntry({ kind: "end", ...counts }, []));
    const isWritten = this.#error === undefined && this.#batches > 0;
    if (isWritten) await this.#file.finish().catch((error: unknown) => this.#fail(error));
    else await this.#file.discard();
    const bytes = this.#file.bytes;
    const error = this.#error;
    return { file: this.#name, isWritten, ...counts, maskedRecords: this.#maskedRecords, bytes, error };
  }

  /** Nothing more goes in. */
  get #isOver(): boolean {
    return this.#full !== null || this.#error !== undefined;
  }

  /** One after the other, in the order of the calls. */
  #append(encode: () => Uint8Array | undefined): Promise<void> {
    this.#lastAppend = this.#lastAppend.then(async () => {
      if (this.#error !== undefined) return;
      const wasFull = this.#full !== null;
      try {
        const bytes = encode();
        if (bytes !== undefined) await this.#file.append(bytes);
      } catch (error) {
        this.#fail(error);
      }
      if (!wasFull && this.#full !== null) this.#onFull();
    });
    return this.#lastAppend;
  }

  #fail(error: unknown): void {
    this.#error = error;
    this.#log.warn(`the capture has ended before its time: ${messageOf(error)}`);
  }
}

function maskedFrame(frame: Frame, mask: Mask): Frame {
  const edits = new Map<number, RecordEdit>();
  for (let i = 0; i < frame.recordCount; i++) {
    const edit = mask.edit(frame, i, new Map());
    if (edit !== undefined) edits.set(i, edit);
  }
  return editedFrame(frame, frame.recordCount, edits);
}
