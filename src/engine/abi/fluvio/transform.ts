import type { ErrorCode, MillraceError } from "../../../errors.ts";
import { limits } from "../../../limits.ts";
import type { Batch } from "../../../record/index.ts";
import { AnswerReader } from "../../answer/answer-reader.ts";
import { ExpansionReader } from "../../answer/expansion-reader.ts";
import type { SentFrame } from "../../answer/sent-frame.ts";
import {
  noCounts,
  type OpenableModule,
  type OpenOptions,
  type Transform,
  type TransformCounts,
  type TransformKind,
} from "../contract.ts";
import { Pace } from "../pace.ts";
import { isTrap, lostState, reasonOf } from "../traps.ts";
import type { ExportedTransform } from "./dialect.ts";
import { ExpandedAnswer } from "./expanded-answer.ts";
import { accumulatorTooLarge, initialAccumulatorTooLarge, lostStateHint } from "./failures.ts";
import type { Instance, Instances } from "./instances.ts";
import { SingleAnswer } from "./single-answer.ts";
import { type InputVersion, inputBytes, writeInput } from "./wire/input.ts";
import { readAccumulator } from "./wire/output.ts";
import { WireReader } from "./wire/reader.ts";
import { RecordEncoder } from "./wire/record.ts";
import { statusText } from "./wire/statuses.ts";

/** Nothing that a module hands over points into what it was sent: it takes the input over, and frees it. */
const nothingSent: SentFrame = { at: 0, bytes: 0, whole: true, values: new Uint32Array(0), keys: undefined };

/** What takes the answers for one batch. */
type Taker =
  | { readonly reader: AnswerReader; readonly expands: false }
  | { readonly reader: ExpansionReader; readonly expands: true };

/**
 * Sends a batch's records to a module built for Fluvio and takes back what it made of them. Records that it fails are failed,
 * and the ones behind go in again; after a trap a new instance goes on, and the record that did it is found by halves.
 */
export class FluvioTransform implements Transform {
  readonly kind: TransformKind;
  readonly module: string;
  readonly stateful: boolean;
  readonly looksBack: boolean;
  readonly counts: TransformCounts = noCounts();
  readonly #name: string;
  readonly #version: InputVersion;
  readonly #instances: Instances;
  readonly #options: OpenOptions;
  readonly #now: () => number;
  readonly #encoder = new RecordEncoder();
  readonly #wire: WireReader;
  readonly #single: SingleAnswer | undefined;
  readonly #expanded = new ExpandedAnswer();
  /** Of an instance that only grows; well below what it may have, so that there is still room for a batch. */
  readonly #instanceBytesMax: number;
  #instance: Instance;
  #accumulator: Uint8Array | undefined;
  /** False when its `dealloc` has trapped. */
  #frees = true;
  #isWarnedOfMemory = false;
  #inputBytes = 0;
  /** What is worked on. */
  #batch: Batch | undefined;

  /** @throws MillraceError as `Instances.start` */
  constructor(
    module: OpenableModule,
    { kind, name }: ExportedTransform,
    version: InputVersion,
    instances: Instances,
    options: OpenOptions,
  ) {
    this.module = module.name;
    this.kind = kind;
    this.stateful = options.stateful ?? true;
    this.looksBack = module.shape.exports.some((item) => item.name === "look_back");
    this.#name = name;
    this.#version = version;
    this.#instances = instances;
    this.#options = options;
    this.#now = options.now ?? (() => 0);
    this.#wire = new WireReader(module.name);
    this.#single = kind === "array-map" ? undefined : new SingleAnswer(kind);
    if (kind === "aggregate") this.#accumulator = initialAccumulator(module.name, options.accumulator);
    this.#instanceBytesMax = Math.min(limits.instanceBytesMax.default, module.limits.memoryBytesMax / 2);
    this.#instance = instances.start();
  }

  get memoryBytes(): number {
    return this.#instance.guest.bytes.length;
  }

  accumulator(): Uint8Array | undefined {
    return this.#accumulator?.slice();
  }

  lookBack(batch: Batch): void {
    if (!this.looksBack) return;
    this.#instance.wasi.begin(batch);
    for (let first = 0; first < batch.count; first = this.#encoder.end) {
      const at = this.#send(batch, first, batch.count, undefined);
      const { bytes } = this.#instance.guest;
      this.#instances.shown.keep(bytes.slice(at, at + this.#inputBytes));
      this.#instances.lookBack(this.#instance, at, this.#inputBytes);
    }
  }

  process(batch: Batch): void {
    const { counts, module, kind } = this;
    const recordCount = batch.count;
    if (recordCount === 0) return;
    this.#batch = batch;
    this.#instance.wasi.begin(batch);
    const taker: Taker =
      kind === "array-map"
        ? { reader: new ExpansionReader(batch, module, nothingSent, counts), expands: true }
        : { reader: new AnswerReader(batch, kind, module, nothingSent, counts), expands: false };
    const pace = new Pace(taker.expands ? 1 : recordCount);
    for (let first = 0; first < recordCount; ) {
      first = this.#step(batch, taker, pace, first, Math.min(pace.end(first), recordCount));
    }
    const then = this.#now();
    taker.reader.finish();
    counts.gatherMs += this.#now() - then;
    counts.batches++;
    counts.records += recordCount;
  }

  /** Sends records, and gives the index after the last one that is done with. */
  #step(batch: Batch, taker: Taker, pace: Pace, first: number, endMax: number): number {
    let status: number;
    try {
      status = this.#call(batch, first, endMax);
    } catch (error) {
      if (!isTrap(error)) throw error;
      // Of several records, what they have written will be written again.
      const isLast = this.#encoder.end - first === 1;
      this.#instance.wasi.takeLog(isLast ? this.#options.log : undefined);
      this.#replaceAfter(error, !pace.isSearching(first));
      return this.#giveUp(taker, pace, first, error.code, reasonOf(error, this.module));
    }
    this.#instance.wasi.takeLog(this.#options.log);
    if (status < 0) {
      this.#free();
      return this.#giveUp(taker, pace, first, "module.record", statusText("transform", status));
    }
    const then = this.#now();
    const done = taker.expands
      ? this.#expand(batch, taker.reader, first)
      : this.#take(batch, taker.reader, first);
    if (done === this.#encoder.end) pace.succeeded();
    else pace.failed();
    this.#free();
    this.counts.gatherMs += this.#now() - then;
    return done;
  }

  /** The records that were sent last are not done with. One alone has failed; of several, each has to be looked at. */
  #giveUp({ reader }: Taker, pace: Pace, first: number, code: ErrorCode, reason: string): number {
    const { end } = this.#encoder;
    if (end - first > 1) {
      pace.trapped(end);
      return first;
    }
    reader.fail(first, code, reason);
    pace.failed();
    return end;
  }

  /** @throws MillraceError `module.trap`, `module.fuel` */
  #call(batch: Batch, first: number, endMax: number): number {
    const { counts } = this;
    const start = this.#now();
    const at = this.#send(batch, first, endMax, this.#accumulator);
    const then = this.#now();
    counts.copyInMs += then - start;
    counts.bytesIn += this.#inputBytes;
    counts.calls++;
    try {
      const { guest } = this.#instance;
      const recordCount = this.#encoder.end - first;
      const status = guest.call(this.#name, at, this.#inputBytes, this.#version, recordCount);
      counts.fuel += guest.fuelUsed;
      return status;
    } finally {
      counts.guestMs += this.#now() - then;
    }
  }

  /** Writes an input with records from `first` on, as many as go into one, and gives its address. */
  #send(batch: Batch, first: number, endMax: number, accumulator: Uint8Array | undefined): number {
    const { guest, wasi } = this.#instance;
    const encoder = this.#encoder;
    const { tail } = this.#instances;
    encoder.measure(batch, first, endMax, wasi.now());
    this.#inputBytes = inputBytes(encoder, tail, accumulator);
    const at = guest.allocate(this.#inputBytes);
    writeInput(batch, first, encoder, tail, accumulator, guest.bytes, at);
    return at;
  }

  #take(batch: Batch, reader: AnswerReader, first: number): number {
    const { guest } = this.#instance;
    const wire = guest.output(this.#name, this.#wire);
    const single = this.#single as SingleAnswer;
    const answer = single.read(wire, guest.bytes, batch, first, this.#encoder);
    reader.take(answer);
    if (this.#accumulator !== undefined) this.#takeAccumulator(wire, single);
    return answer.end;
  }

  #expand(batch: Batch, reader: ExpansionReader, first: number): number {
    const { guest } = this.#instance;
    const wire = guest.output(this.#name, this.#wire);
    const hasKeys = batch.columns.keys !== undefined;
    const { room } = reader;
    const answer = this.#expanded.read(wire, guest.bytes, first, batch.count, hasKeys, room);
    if (answer !== undefined) reader.take(answer);
    else reader.fail(first, "module.record", `what it is expanded to does not fit into ${room} records`);
    return first + 1;
  }

  /** Modules of 2021 hand no accumulator over: it is the value of the last record. */
  #takeAccumulator(wire: WireReader, single: SingleAnswer): void {
    const { bytes } = this.#instance.guest;
    const span = readAccumulator(wire) ?? single.lastValue;
    if (span === undefined) return;
    const where = { module: this.module, export: this.#name };
    if (span.length > limits.accumulatorBytesMax.default) throw accumulatorTooLarge(where, span.length);
    this.#accumulator = bytes.slice(span.at, span.at + span.length);
  }

  #free(): void {
    const { guest } = this.#instance;
    try {
      if (this.#frees) guest.free();
    } catch (error) {
      if (!isTrap(error)) throw error;
      this.#frees = false;
      this.#replaceAfter(error, true);
      return;
    }
    if ((guest.leaks || !this.#frees) && guest.bytes.length >= this.#instanceBytesMax) this.#limitMemory();
  }

  /** The outputs of such a module stay in its memory; only a new instance gets rid of them. */
  #limitMemory(): void {
    if (!this.stateful) {
      this.#renew();
      return;
    }
    if (this.#isWarnedOfMemory) return;
    this.#isWarnedOfMemory = true;
    this.#warn(
      `its memory has grown to ${this.#instance.guest.bytes.length} bytes, since its outputs cannot be freed; ` +
        "`stateful: false` on its step lets it be replaced when it is too large",
    );
  }

  /**
   * @param isNews false while a record is looked for that has trapped before
   * @throws MillraceError what trapped, when a new instance cannot take the place of the old one
   */
  #replaceAfter(trap: MillraceError, isNews: boolean): void {
    const { stateful } = this.#options;
    const isRepeated = this.looksBack && this.#instances.shown.canRepeat;
    if (stateful === true && !isRepeated) throw lostState(trap, lostStateHint);
    this.#renew();
    if (stateful === false || !isNews) return;
    const shown = isRepeated ? " and shown the earlier records that it looked back at" : "";
    this.#warn(
      `it trapped, and a new instance has taken its place, initialised${shown}; what else it kept in its memory is lost ` +
        "(`stateful: false` on its step says that it keeps nothing)",
    );
  }

  /** Puts a new instance in the place of the old one. */
  #renew(): void {
    this.#instance = this.#instances.start();
    this.counts.renewals++;
    if (this.#batch !== undefined) this.#instance.wasi.begin(this.#batch);
  }

  #warn(text: string): void {
    this.#options.log?.({ module: this.module, level: "warn", text });
  }
}

/** @throws MillraceError `module.init` */
function initialAccumulator(module: string, given: Uint8Array | undefined): Uint8Array {
  const accumulator = given ?? new Uint8Array(0);
  if (accumulator.length > limits.accumulatorBytesMax.default) {
    throw initialAccumulatorTooLarge(module, accumulator.length);
  }
  return accumulator;
}
