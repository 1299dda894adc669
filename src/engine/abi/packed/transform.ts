import type { WasmInstance } from "../../../base/index.ts";
import { MillraceError, messageOf } from "../../../errors.ts";
import { limits } from "../../../limits.ts";
import { type Batch, encodeBatch, encodedBytesMax, word } from "../../../record/index.ts";
import { AnswerReader } from "../../answer/answer-reader.ts";
import { ExpansionReader } from "../../answer/expansion-reader.ts";
import type { SentFrame } from "../../answer/sent-frame.ts";
import { prepareWasi } from "../../wasi/wasi.ts";
import {
  noCounts,
  type OpenableModule,
  type OpenOptions,
  type Transform,
  type TransformCounts,
  type TransformKind,
} from "../contract.ts";
import { PackedGuest } from "./guest.ts";

/** Room for emitted records that an array-map is given at the least. */
const emittedRoomMin = 1024;

const keepOffsets = { offsets: true } as const;

/**
 * Opens an instance of a packed module and initialises it.
 * @throws MillraceError `module.trap`, `module.fuel`, `module.init`, `module.answer`
 */
export async function openPacked(
  module: OpenableModule,
  kind: TransformKind,
  transformName: string,
  options: OpenOptions,
): Promise<Transform> {
  const wasi = (await prepareWasi(module, options))();
  let instance: WasmInstance;
  try {
    instance = wasi.instantiate(module.compiled, {});
  } catch (error) {
    throw new MillraceError("module.trap", `${module.name} could not be instantiated: ${messageOf(error)}`, {
      where: { module: module.name },
      hint: "there is no memory for it, or it fills memory or a table beyond their ends",
      cause: error,
    });
  }
  const guest = new PackedGuest(module, transformName, instance, wasi);
  if (kind === "aggregate") guest.giveAccumulator(options.accumulator ?? new Uint8Array(0));
  guest.init(options.parameters);
  guest.takeLog(options.log);
  return new PackedTransform(module.name, kind, guest, options);
}

/**
 * Moves a batch into the guest in one piece, calls it until every record has its verdict, and takes the answers back.
 */
class PackedTransform implements Transform {
  readonly kind: TransformKind;
  readonly module: string;
  readonly counts: TransformCounts = noCounts();
  readonly #guest: PackedGuest;
  readonly #now: () => number;
  readonly #log: OpenOptions["log"];
  readonly #sent: SentFrame = { at: 0, bytes: 0, whole: true, values: new Uint32Array(0), keys: undefined };

  constructor(module: string, kind: TransformKind, guest: PackedGuest, { now, log }: OpenOptions) {
    this.module = module;
    this.kind = kind;
    this.#guest = guest;
    this.#now = now ?? (() => 0);
    this.#log = log;
  }

  get stateful(): boolean {
    return this.#guest.stateful;
  }

  get looksBack(): boolean {
    return this.#guest.looksBack;
  }

  accumulator(): Uint8Array | undefined {
    return this.kind === "aggregate" ? this.#guest.takeAccumulator() : undefined;
  }

  lookBack(batch: Batch): void {
    const guest = this.#guest;
    if (!guest.looksBack || batch.count === 0) return;
    const at = guest.inputRegion(encodedBytesMax(batch, keepOffsets));
    const bytes = encodeBatch(batch, { bytes: guest.bytes, words: guest.words, at }, keepOffsets);
    guest.lookBack(at, bytes, batch.count);
    guest.takeLog(this.#log);
  }

  process(batch: Batch): void {
    const { counts, kind, module } = this;
    const recordCount = batch.count;
    if (recordCount === 0) return;
    const start = this.#now();
    this.#guest.begin(batch);
    this.#moveIn(batch);
    const then = this.#now();
    counts.copyInMs += then - start;
    this.#guest.beginBatch(recordCount, this.#sent.bytes);
    if (kind === "array-map")
      this.#expand(batch, new ExpansionReader(batch, module, this.#sent, counts), then);
    else this.#answer(batch, new AnswerReader(batch, kind, module, this.#sent, counts), then);
    counts.batches++;
    counts.records += recordCount;
    counts.fuel += this.#guest.batchFuelUsed;
  }

  #answer(batch: Batch, reader: AnswerReader, start: number): void {
    const { counts } = this;
    const guest = this.#guest;
    const recordCount = batch.count;
    guest.present(this.#sent.at, this.#sent.bytes);
    let then = start;
    let first = 0;
    while (first < recordCount) {
      const answer = guest.call(first, recordCount);
      const answered = this.#now();
      counts.guestMs += answered - then;
      counts.calls++;
      guest.takeLog(this.#log);
      reader.take(answer);
      first = answer.end === first ? this.#widen(reader, first) : answer.end;
      then = this.#now();
      counts.gatherMs += then - answered;
    }
    reader.finish();
    counts.gatherMs += this.#now() - then;
  }

  #expand(batch: Batch, reader: ExpansionReader, start: number): void {
    const { counts } = this;
    const guest = this.#guest;
    const recordCount = batch.count;
    const { at, bytes } = this.#sent;
    let then = start;
    let first = 0;
    while (first < recordCount) {
      const emittedMax = Math.min(guest.emittedRoom, reader.room);
      guest.present(at, bytes, emittedMax);
      const answer = guest.call(first, recordCount, emittedMax);
      const answered = this.#now();
      counts.guestMs += answered - then;
      counts.calls++;
      guest.takeLog(this.#log);
      reader.take(answer);
      first = answer.end === first ? this.#widenExpansion(reader, recordCount, first) : answer.end;
      then = this.#now();
      counts.gatherMs += then - answered;
    }
    reader.finish();
    counts.gatherMs += this.#now() - then;
  }

  #moveIn(batch: Batch): void {
    const guest = this.#guest;
    const room = encodedBytesMax(batch, keepOffsets);
    const at = guest.inputRegion(room);
    const { count } = batch;
    if (this.kind === "array-map") guest.expansionRegion(count, Math.max(count * 2, emittedRoomMin));
    else guest.answerRegion(count);
    guest.outputRegion(Math.max(room, limits.batchBytes.default));
    const bytes = encodeBatch(batch, { bytes: guest.bytes, words: guest.words, at }, keepOffsets);
    this.#sent.at = at;
    this.#sent.bytes = bytes;
    this.#sent.whole = batch.untouched;
    if (!batch.untouched) this.#rememberSpans(at, batch);
    this.counts.bytesIn += bytes;
  }

  /** A gathered frame has other positions than the batch: they are noted before the guest could change them. */
  #rememberSpans(at: number, batch: Batch): void {
    const { words } = this.#guest;
    const length = batch.count * 2;
    const copyOf = (column: number): Uint32Array =>
      words.slice((at + column) / 4, (at + column) / 4 + length);
    const keysAt = words[at / 4 + word.keysAt] as number;
    this.#sent.values = copyOf(words[at / 4 + word.valuesAt] as number);
    this.#sent.keys = keysAt === 0 ? undefined : copyOf(keysAt);
  }

  /**
   * The module finished nothing: it gets a larger output region, and when there is none, the record is what does not
   * fit.
   */
  #widen(reader: AnswerReader, first: number): number {
    const guest = this.#guest;
    const isWider = guest.widenOutput();
    guest.present(this.#sent.at, this.#sent.bytes);
    if (isWider) return first;
    reader.fail(first, "module.record", `its output does not fit into ${guest.outputBytes} bytes`);
    return first + 1;
  }

  /** As `#widen`, for a module that may have lacked room for bytes or for records. */
  #widenExpansion(reader: ExpansionReader, recordCount: number, first: number): number {
    const guest = this.#guest;
    const had = Math.min(guest.emittedRoom, reader.room);
    guest.expansionRegion(recordCount, Math.min(guest.emittedRoom * 2, limits.expandedRecordsMax.default));
    const hasMore = Math.min(guest.emittedRoom, reader.room) > had;
    const isWider = guest.widenOutput();
    if (hasMore || isWider) return first;
    reader.fail(
      first,
      "module.record",
      `what it is expanded to does not fit into ${had} records and ${guest.outputBytes} bytes`,
    );
    return first + 1;
  }
}
