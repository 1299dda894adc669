import type { MillraceError } from "../../../errors.ts";
import { limits } from "../../../limits.ts";
import { type Batch, encodeBatch, encodedBytesMax } from "../../../record/index.ts";
import type { Expansion } from "../../answer/answer.ts";
import { AnswerReader } from "../../answer/answer-reader.ts";
import { ExpansionReader } from "../../answer/expansion-reader.ts";
import type { SentFrame } from "../../answer/sent-frame.ts";
import { prepareWasi } from "../../wasi/wasi.ts";
import { Care } from "../care.ts";
import {
  type Caretaker,
  noCounts,
  type OpenableModule,
  type OpenOptions,
  type StateLoss,
  type Transform,
  type TransformCounts,
  type TransformKind,
} from "../contract.ts";
import { LogCap } from "../log-cap.ts";
import { Pace } from "../pace.ts";
import { endsInstance, isNonsense, lostState, reasonOf, whyGivenUp } from "../traps.ts";
import type { PackedGuest } from "./guest.ts";
import { lostStateHint } from "./guest-failures.ts";
import { Instances } from "./instances.ts";
import { keepOffsets, moveIn, moveInPart, showOnly } from "./move-in.ts";

/** Room for emitted records that an array-map is given at the least. */
const emittedRoomMin = 1024;

/** What takes the answers for one batch. */
type Taker =
  | { readonly reader: AnswerReader; readonly expands: false }
  | { readonly reader: ExpansionReader; readonly expands: true };

/** What is known of a call that has ended badly. */
interface Finished {
  /** What it had finished before, not checked. */
  readonly answer: Expansion | undefined;
  /** Index of the record that is said to have done it. */
  readonly suspect: number | undefined;
}

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
  const wasi = await prepareWasi(module, options);
  return new PackedTransform(module, kind, new Instances(module, transformName, wasi, options), options);
}

/**
 * Moves a batch into the guest in one piece, calls it until every record has its verdict, and takes the answers back. After a
 * trap, or an answer that breaks the ABI, what was finished is kept, and the rest goes on in a new instance, first of all the
 * record that the cursor names, or that the answer was refused for: alone, and failed if it does it again. From then on each
 * call is moved in the records that it is for.
 */
class PackedTransform implements Transform {
  readonly kind: TransformKind;
  readonly module: string;
  readonly counts: TransformCounts = noCounts();
  readonly #openable: OpenableModule;
  readonly #log: LogCap;
  readonly #instances: Instances;
  readonly #options: OpenOptions;
  readonly #now: () => number;
  readonly #sent: SentFrame = { at: 0, bytes: 0, whole: true, values: new Uint32Array(0), keys: undefined };
  #guest: PackedGuest;
  /** What an aggregate has added up by the last call whose answer was taken. */
  #accumulator: Uint8Array | undefined;
  /** The instance has not finished any record yet. */
  #isNew = true;
  /** An instance was given up in this batch or in the one before: each call gets its own records, and the fuel that they give. */
  #isPieced = false;
  /** Of the batch in hand, where somebody cares for it: its records go in one by one then. */
  #care: Care | undefined;
  /** An instance was given up since this batch began. */
  #hasTrapped = false;
  #isWarned = false;
  /** When the last lap ended. */
  #then = 0;

  /** @throws MillraceError as `Instances.start` */
  constructor(module: OpenableModule, kind: TransformKind, instances: Instances, options: OpenOptions) {
    this.module = module.name;
    this.#openable = module;
    this.#log = new LogCap(module, options.log);
    this.kind = kind;
    this.#instances = instances;
    this.#options = options;
    this.#now = options.now ?? (() => 0);
    if (kind === "aggregate") this.#accumulator = options.accumulator ?? new Uint8Array(0);
    this.#guest = instances.start(this.#accumulator);
  }

  get stateful(): boolean {
    return this.#guest.stateful;
  }

  get looksBack(): boolean {
    return this.#guest.looksBack;
  }

  get memoryBytes(): number {
    return this.#guest.bytes.length;
  }

  get stateLoss(): StateLoss {
    if (!this.#keepsState) return "none";
    return this.#isRepeatable ? "told" : "fatal";
  }

  accumulator(): Uint8Array | undefined {
    return this.#accumulator?.slice();
  }

  lookBack(batch: Batch): void {
    const guest = this.#guest;
    if (!guest.looksBack || batch.count === 0) return;
    const at = guest.regions.reserve("input", encodedBytesMax(batch, keepOffsets));
    const bytes = encodeBatch(batch, { bytes: guest.bytes, words: guest.words, at }, keepOffsets);
    this.#instances.shown.keep(guest.bytes.slice(at, at + bytes));
    guest.lookBack(at, bytes, batch.count);
    guest.takeLog(this.#log.take, this.#log.lose);
    this.#log.end();
  }

  process(batch: Batch, caretaker?: Caretaker): void {
    const { counts, kind } = this;
    const module = this.#openable;
    const recordCount = batch.count;
    if (recordCount === 0) return;
    this.#then = this.#now();
    // What trapped in the batch before may trap again, and an instance that is given up is as dear as the memory that it used.
    this.#isPieced = this.#hasTrapped;
    this.#hasTrapped = false;
    this.#care = caretaker && new Care(batch, caretaker);
    if (!this.#isPieced) this.#moveIn(batch);
    this.#lap("copyInMs");
    const taker: Taker =
      kind === "array-map"
        ? { reader: new ExpansionReader(batch, module, this.#sent, counts), expands: true }
        : { reader: new AnswerReader(batch, kind, module, this.#sent, counts), expands: false };
    const pace = new Pace(caretaker === undefined ? recordCount : 1, this.#isPieced);
    for (let first = 0; first < recordCount; ) {
      if (this.#care?.isRefused(first, taker.reader)) first++;
      else first = this.#step(batch, taker, pace, first, Math.min(pace.end(first), recordCount));
    }
    taker.reader.finish();
    this.#log.end();
    this.#lap("gatherMs");
    counts.batches++;
    counts.records += recordCount;
  }

  /** Calls the guest for records from `first` up to `end`, and gives the index after the last one that is done with. */
  #step(batch: Batch, taker: Taker, pace: Pace, first: number, end: number): number {
    const guest = this.#guest;
    if (this.#isPieced) this.#moveInPart(batch, first, end);
    else if (this.#care !== undefined) showOnly(guest, this.#sent, end);
    const emittedMax = taker.expands ? Math.min(guest.regions.columnRoom, taker.reader.room) : 0;
    guest.present(this.#sent.at, this.#sent.bytes, emittedMax);
    let answer: Expansion | undefined;
    try {
      const said = this.#call(first, end, emittedMax);
      const { logged } = guest;
      const accumulator = this.#accumulator && guest.takeAccumulator();
      answer = said;
      taker.reader.take(answer);
      this.#accumulator = accumulator;
      guest.takeLog(this.#log.take, this.#log.lose, logged);
    } catch (error) {
      if (!endsInstance(error)) throw error;
      const finished = this.#finished(error, answer, taker, first, end, emittedMax);
      return this.#recover(error, finished, taker, pace, first, end);
    }
    // What has finished nothing yet has had no other record in hand.
    if (answer.end > first) this.#isNew = false;
    if (answer.end === end) pace.succeeded();
    const done = answer.end === first ? this.#widen(batch, taker, first) : answer.end;
    this.#lap("gatherMs");
    return done;
  }

  /** @throws MillraceError `module.trap`, `module.fuel`, `module.answer` */
  #call(first: number, end: number, emittedMax: number): Expansion {
    const { counts } = this;
    const guest = this.#guest;
    counts.calls++;
    this.#care?.begin(first);
    try {
      return guest.call(first, end, emittedMax);
    } finally {
      this.#care?.end();
      this.#lap("guestMs");
      counts.fuel += guest.takeFuelUsed();
    }
  }

  /**
   * Of a call that has ended badly: what was finished by then, which has not been checked, and the index of the record that
   * ended it; each where it is known.
   * @param refused its answer, where that was not taken
   */
  #finished(
    error: MillraceError,
    refused: Expansion | undefined,
    { reader }: Taker,
    first: number,
    end: number,
    emittedMax: number,
  ): Finished {
    if (refused !== undefined) return { answer: reader.ahead(refused), suspect: reader.refused };
    if (isNonsense(error)) return { answer: undefined, suspect: undefined };
    const { cursor } = this.#guest;
    return {
      answer: this.#guest.finished(first, end, emittedMax),
      suspect: cursor < end ? cursor : undefined,
    };
  }

  /** Goes on after a call that has ended badly, and gives the index after the last record that is done with. */
  #recover(
    error: MillraceError,
    finished: Finished,
    taker: Taker,
    pace: Pace,
    first: number,
    end: number,
  ): number {
    const isNews = !pace.isSearching(first);
    this.#mustBeReplaceable(error);
    let done = first;
    // What an old instance has piled up may be what made it do that, so a record is failed by a new one only.
    if (end - first === 1 && this.#isNew) {
      this.#takeLastLog();
      taker.reader.fail(first, error.code, reasonOf(error, this.module));
      pace.confirmed();
      // A trap ends a call at once, but before nonsense is seen all records of the call were worked on.
      if (isNonsense(error)) pace.failed();
      done = end;
    } else {
      const { answer, suspect = -1 } = finished;
      done = this.#keepFinished(taker, first, answer);
      // An aggregate may be believed which record it was, but what it had added up by then cannot be had.
      const isSuspect = suspect === done || (suspect > done && this.kind === "aggregate");
      pace.trapped(end, isSuspect ? suspect : undefined);
    }
    this.#renew(error, isNews);
    this.#lap("copyInMs");
    return done;
  }

  /** Takes what a call had finished before it ended badly; where that is nothing or nonsense, all of it will be done again. */
  #keepFinished({ reader }: Taker, first: number, answer: Expansion | undefined): number {
    if (answer === undefined || answer.end === first || this.kind === "aggregate") return first;
    try {
      reader.take(answer);
    } catch (error) {
      if (!isNonsense(error)) throw error;
      return first;
    }
    this.#takeLastLog();
    return answer.end;
  }

  /** What was being logged when it trapped may be in any state. */
  #takeLastLog(): void {
    try {
      this.#guest.takeLog(this.#log.take, this.#log.lose);
    } catch (error) {
      if (!isNonsense(error)) throw error;
    }
  }

  /** An aggregate has what it needs in its accumulator, as for a restart, unless the user says that it has not. */
  get #keepsState(): boolean {
    const { stateful } = this.#options;
    if (this.kind === "aggregate") return stateful === true;
    return stateful ?? (this.#guest.stateful || this.#guest.looksBack);
  }

  /** @throws MillraceError why the instance is given up, when what is lost with it matters */
  #mustBeReplaceable(error: MillraceError): void {
    if (this.stateLoss === "fatal") throw lostState(error, lostStateHint);
  }

  /** What it keeps comes from earlier records, which are there to be shown again. */
  get #isRepeatable(): boolean {
    return this.looksBack && this.#instances.shown.canRepeat;
  }

  /** Puts a new instance in the place of the old one. */
  #renew(error: MillraceError, isNews: boolean): void {
    const keepsState = this.#keepsState;
    this.#guest = this.#instances.renew(this.#guest, this.#accumulator);
    this.#isNew = true;
    this.#isPieced = true;
    this.#hasTrapped = true;
    this.counts.renewals++;
    if (keepsState && isNews) {
      this.#warn(
        `${whyGivenUp(error)}, and a new instance has taken its place, initialised and shown the earlier records that it ` +
          "looked back at; what else it kept in its memory is lost",
      );
    } else if (!keepsState && !this.#isWarned) {
      this.#isWarned = true;
      this.#warn(
        `${whyGivenUp(error)}, and a new instance has taken its place, as each time from now on; nothing is lost by that but ` +
          "the records that make it do that",
      );
    }
  }

  #warn(text: string): void {
    this.#options.log?.({ module: this.module, level: "warn", text });
  }

  #lap(part: "copyInMs" | "guestMs" | "gatherMs"): void {
    const now = this.#now();
    this.counts[part] += now - this.#then;
    this.#then = now;
  }

  #moveIn(batch: Batch): void {
    this.#makeRoom(batch, batch.count);
    moveIn(this.#guest, this.#sent, batch);
    this.counts.bytesIn += this.#sent.bytes;
    this.#guest.beginBatch(batch.count, this.#sent.bytes);
  }

  /** In what is left of a batch after a trap, each call gets the records that it is for, and no others. */
  #moveInPart(batch: Batch, first: number, end: number): void {
    this.#makeRoom(batch, end);
    moveInPart(this.#guest, this.#sent, batch, this.kind, first, end);
    this.counts.bytesIn += this.#sent.bytes;
    this.#lap("copyInMs");
  }

  /** Makes the answer region large enough for records up to `end`. */
  #makeRoom(batch: Batch, end: number): void {
    const guest = this.#guest;
    guest.begin(batch);
    guest.regions.isSparing = this.#isPieced;
    if (this.kind === "array-map") guest.regions.makeExpansionRoom(end, Math.max(end * 2, emittedRoomMin));
    else guest.regions.makeAnswerRoom(end);
  }

  /**
   * The module finished nothing: it gets more room for bytes, and for records where it emits them, and when there is no more,
   * the record is what does not fit.
   */
  #widen(batch: Batch, { reader, expands }: Taker, first: number): number {
    const guest = this.#guest;
    const had = expands ? Math.min(guest.regions.columnRoom, reader.room) : 0;
    let hasMore = false;
    if (expands) {
      guest.regions.makeExpansionRoom(
        batch.count,
        Math.min(guest.regions.columnRoom * 2, limits.expandedRecordsMax.default),
      );
      hasMore = Math.min(guest.regions.columnRoom, reader.room) > had;
    }
    const isWider = guest.regions.widenOutput(this.#openable.limits.batchOutputBytesMax);
    if (hasMore || isWider) return first;
    reader.fail(
      first,
      "module.record",
      expands
        ? `what it is expanded to does not fit into ${had} records and ${guest.regions.output.bytes} bytes`
        : `its output does not fit into ${guest.regions.output.bytes} bytes`,
    );
    return first + 1;
  }
}
