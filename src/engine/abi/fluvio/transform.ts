import type { ErrorCode, MillraceError } from "../../../errors.ts";
import { limits } from "../../../limits.ts";
import type { Batch } from "../../../record/index.ts";
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
import { endsInstance, reasonOf } from "../traps.ts";
import type { Answers } from "./answers.ts";
import { ChangedAnswers, type TakeRest } from "./changed-answers.ts";
import { KeptTail } from "./crossing/kept-tail.ts";
import type { ExportedTransform } from "./dialect.ts";
import { ExpandedAnswers } from "./expanded-answers.ts";
import { accumulatorTooLarge, initialAccumulatorTooLarge } from "./failures.ts";
import type { Instances } from "./instances.ts";
import { KeptAnswers, KeptColumns } from "./kept-answers.ts";
import { KeptInstance } from "./kept-instance.ts";
import { type InputVersion, inputBytes, recordsAlone, writeInput } from "./wire/input.ts";
import { readAccumulator } from "./wire/output.ts";
import { WireReader } from "./wire/reader.ts";
import { RecordEncoder } from "./wire/record.ts";
import { statusText } from "./wire/statuses.ts";

/**
 * Sends a batch's records to a module built for Fluvio and takes back what it made of them. Records that it fails are failed,
 * and the ones behind go in again; after a trap, or an output that breaks the ABI, a new instance goes on, and the record that
 * did it is found by halves.
 */
export class FluvioTransform implements Transform {
  readonly kind: TransformKind;
  readonly module: string;
  readonly stateful: boolean;
  readonly looksBack: boolean;
  readonly counts: TransformCounts = noCounts();
  readonly #openable: OpenableModule;
  readonly #log: LogCap;
  readonly #name: string;
  readonly #version: InputVersion;
  readonly #instances: Instances;
  readonly #now: () => number;
  readonly #encoder = new RecordEncoder();
  /** Of a transform that gets its records one by one. */
  readonly #tail: KeptTail | undefined;
  readonly #wire: WireReader;
  readonly #columns = new KeptColumns();
  readonly #instance: KeptInstance;
  #accumulator: Uint8Array | undefined;
  #inputBytes = 0;
  /** Of the batch in hand, where somebody cares for it: its records go in one by one then. */
  #care: Care | undefined;
  /** The time that records without one have, as the module sees it: when it was given the batch. */
  #calledAt = 0;
  /** When the clock was looked at last. */
  #then = 0;

  /** @throws MillraceError as `Instances.start` */
  constructor(
    module: OpenableModule,
    { kind, name }: ExportedTransform,
    version: InputVersion,
    instances: Instances,
    options: OpenOptions,
  ) {
    this.module = module.name;
    this.#openable = module;
    this.#log = new LogCap(module, options.log);
    this.kind = kind;
    this.stateful = options.stateful ?? true;
    this.looksBack = module.shape.exports.some((item) => item.name === "look_back");
    this.#name = name;
    this.#version = version;
    this.#instances = instances;
    this.#now = options.now ?? (() => 0);
    this.#wire = new WireReader(module.name);
    if (kind === "array-map") this.#tail = new KeptTail(instances.tail);
    if (kind === "aggregate") this.#accumulator = initialAccumulator(module.name, options.accumulator);
    this.#instance = new KeptInstance(module, instances, options, this.counts, this.looksBack);
  }

  get memoryBytes(): number {
    return this.#instance.guest.bytes.length;
  }

  get stateLoss(): StateLoss {
    return this.#instance.stateLoss;
  }

  accumulator(): Uint8Array | undefined {
    return this.#accumulator?.slice();
  }

  lookBack(batch: Batch): void {
    if (!this.looksBack) return;
    this.#begin(batch);
    for (let first = 0; first < batch.count; first = this.#encoder.end) {
      const at = this.#send(batch, first, batch.count, undefined);
      this.#instance.lookBack(at, this.#inputBytes);
    }
  }

  process(batch: Batch, caretaker?: Caretaker): void {
    const { counts } = this;
    const recordCount = batch.count;
    if (recordCount === 0) return;
    this.#begin(batch);
    this.#care = caretaker && new Care(batch, caretaker);
    const answers = this.#answersFor(batch);
    this.#tail?.begin(batch.buffer);
    const pace = new Pace(this.kind === "array-map" || caretaker !== undefined ? 1 : recordCount);
    this.#then = this.#now();
    for (let first = 0; first < recordCount; ) {
      if (this.#care?.isRefused(first, answers)) first++;
      else first = this.#step(batch, answers, pace, first, Math.min(pace.end(first), recordCount));
    }
    answers.finish();
    this.#log.end();
    counts.gatherMs += this.#lap();
    counts.batches++;
    counts.records += recordCount;
  }

  #begin(batch: Batch): void {
    this.#instance.begin(batch);
    this.#calledAt = this.#instance.wasi.now();
  }

  #answersFor(batch: Batch): Answers {
    const { counts, kind } = this;
    const module = this.#openable;
    const columns = this.#columns;
    if (kind === "filter")
      return new KeptAnswers(batch, module, counts, columns, this.#version !== recordsAlone);
    if (kind === "array-map") return new ExpandedAnswers(batch, module, counts, columns.records);
    const takeRest = kind === "aggregate" ? this.#takeAccumulator : undefined;
    return new ChangedAnswers(batch, module, counts, kind === "filter-map", columns.records, takeRest);
  }

  /** Sends records, and gives the index after the last one that is done with. */
  #step(batch: Batch, answers: Answers, pace: Pace, first: number, endMax: number): number {
    let status: number;
    let done = first;
    try {
      status = this.#call(batch, first, endMax);
      if (status >= 0) done = this.#take(answers, first);
    } catch (error) {
      if (!endsInstance(error)) throw error;
      return this.#recover(error, answers, pace, first);
    }
    this.#instance.wasi.takeLog(this.#log.take);
    if (status < 0) {
      this.#instance.free();
      return this.#giveUp(answers, pace, first, "module.record", statusText("transform", status));
    }
    if (done === this.#encoder.end) pace.succeeded();
    else pace.failed();
    this.#instance.free();
    // Where records go in one by one, this counts with moving in the next: a look at the clock takes as long as either.
    if (this.#tail === undefined) this.counts.gatherMs += this.#lap();
    return done;
  }

  /** Goes on in a new instance after a trap, or an output that breaks the ABI. */
  #recover(error: MillraceError, answers: Answers, pace: Pace, first: number): number {
    const instance = this.#instance;
    const { end } = this.#encoder;
    const isAlone = end - first === 1;
    // What an old instance has piled up may be what made it trap, so a record is failed by a new one only.
    const isAgain = isAlone && !instance.isNew;
    // Of what goes in again, what it has written will be written again.
    instance.wasi.takeLog(isAlone && !isAgain ? this.#log.take : undefined);
    instance.replaceAfter(error, !pace.isSearching(first));
    if (!isAgain) return this.#giveUp(answers, pace, first, error.code, reasonOf(error, this.module));
    pace.trapped(end);
    return first;
  }

  /** The records that were sent last are not done with. One alone has failed; of several, each has to be looked at. */
  #giveUp(answers: Answers, pace: Pace, first: number, code: ErrorCode, reason: string): number {
    const { end } = this.#encoder;
    if (end - first > 1) {
      pace.trapped(end);
      return first;
    }
    answers.fail(first, code, reason);
    pace.failed();
    return end;
  }

  /** @throws MillraceError `module.trap`, `module.fuel` */
  #call(batch: Batch, first: number, endMax: number): number {
    const { counts } = this;
    const at = this.#send(batch, first, endMax, this.#accumulator);
    counts.copyInMs += this.#lap();
    counts.bytesIn += this.#inputBytes;
    counts.calls++;
    this.#care?.begin(first);
    try {
      const { guest } = this.#instance;
      // Whoever goes in alone for its caretaker still shares the fuel of its batch.
      const recordCount = this.#care === undefined ? this.#encoder.end - first : batch.count;
      const status = guest.call(this.#name, at, this.#inputBytes, this.#version, recordCount);
      counts.fuel += guest.fuelUsed;
      return status;
    } finally {
      this.#care?.end();
      counts.guestMs += this.#lap();
    }
  }

  /** Milliseconds since this was asked last. The clock is looked at once for each, since a look costs as much as much else. */
  #lap(): number {
    const then = this.#then;
    this.#then = this.#now();
    return this.#then - then;
  }

  /** Writes an input with records from `first` on, as many as go into one, and gives its address. */
  #send(batch: Batch, first: number, endMax: number, accumulator: Uint8Array | undefined): number {
    const { guest } = this.#instance;
    const encoder = this.#encoder;
    const { tail } = this.#instances;
    encoder.measure(batch, first, endMax, this.#calledAt);
    this.#inputBytes = inputBytes(encoder, tail, accumulator);
    const given = this.#tail && guest.give(batch.buffer, encoder, this.#tail, this.#inputBytes);
    if (given !== undefined) return given;
    const at = guest.allocate(this.#inputBytes);
    writeInput(batch, first, encoder, tail, accumulator, guest.bytes, at);
    return at;
  }

  #take(answers: Answers, first: number): number {
    const { guest } = this.#instance;
    return answers.take(guest.output(this.#name, this.#wire), first, this.#encoder);
  }

  /** Modules of 2021 hand no accumulator over: it is the value of the last record. */
  readonly #takeAccumulator: TakeRest = (reader, lastValue) => {
    const span = readAccumulator(reader) ?? lastValue;
    if (span === undefined) return;
    const where = { module: this.module, export: this.#name };
    if (span.length > limits.accumulatorBytesMax.default) throw accumulatorTooLarge(where, span.length);
    this.#accumulator = reader.memory.slice(span.at, span.at + span.length);
  };
}

/** @throws MillraceError `module.init` */
function initialAccumulator(module: string, given: Uint8Array | undefined): Uint8Array {
  const accumulator = given ?? new Uint8Array(0);
  if (accumulator.length > limits.accumulatorBytesMax.default) {
    throw initialAccumulatorTooLarge(module, accumulator.length);
  }
  return accumulator;
}
