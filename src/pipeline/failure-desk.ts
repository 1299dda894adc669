import { assert, Redactor, redactedWhere } from "../base/index.ts";
import { formatWhere } from "../errors.ts";
import { limits } from "../limits.ts";
import { type Batch, type RecordFailure, type RecordInput, RecordView } from "../record/index.ts";
import { type DeadLetter, DeadLetterWriter } from "./dead-letter-writer.ts";
import { ErrorWindow } from "./error-window.ts";
import type { Fates } from "./fates.ts";
import type { PipelineParts } from "./parts.ts";
import { type FailedRecord, failureOf, type LastResort, lastResortOf } from "./policy.ts";
import type { Reading } from "./ports.ts";
import type { Processed, ProcessorStep } from "./processor.ts";

/** Records that failed at one stage. */
interface Failed {
  /** Place of the stage in the pipeline: 0 is the source. */
  readonly stageIndex: number;
  readonly step: ProcessorStep | undefined;
  readonly policy: LastResort;
  readonly attempts: number;
  readonly records: readonly (FailedRecord & {
    /** Index in the frame; undefined for what the source rejected. */
    readonly origin: number | undefined;
    readonly sample: Uint8Array | undefined;
  })[];
}

/** A record that becomes a letter, with the stage that failed it. */
type Chosen = readonly [stage: Failed, record: Failed["records"][number]];

/** Records of a batch that failed, of which the letters are durable, and nothing else is settled yet. */
export interface Kept {
  readonly failed: readonly Failed[];
  readonly letters: readonly Chosen[];
}

const nothingKept: Kept = { failed: [], letters: [] };

/**
 * Does with failed records what the policies say. Under `fail` it throws as soon as it knows of them; the other policies
 * wait until the batch is to be written, so that nothing is said to be settled of a batch that is read again.
 */
export class FailureDesk {
  readonly #parts: PipelineParts;
  readonly #writer: DeadLetterWriter | undefined;
  readonly #window: ErrorWindow | undefined;
  readonly #redactor: Redactor;
  readonly #steps: () => readonly ProcessorStep[];
  /** By stage. */
  #deadLettered: number[];

  /** @param steps the present ones */
  constructor(parts: PipelineParts, steps: () => readonly ProcessorStep[]) {
    const { deadLetters, errorWindow, redactor = new Redactor() } = parts;
    this.#parts = parts;
    this.#redactor = redactor;
    this.#steps = steps;
    const batchesAhead = parts.framesInFlight ?? limits.framesInFlightMax.default;
    this.#writer = deadLetters && new DeadLetterWriter(deadLetters.topic, deadLetters.pipeline, batchesAhead);
    this.#window = errorWindow === undefined ? undefined : new ErrorWindow(errorWindow);
    this.#deadLettered = Array.from({ length: steps().length + 2 }, () => 0);
  }

  /** Other steps are there than before. @param stepCount how many there were */
  exchange(stepCount: number): void {
    const [source = 0, ...others] = this.#deadLettered;
    const sink = others[stepCount] ?? 0;
    this.#deadLettered = [
      source,
      ...this.#steps().map((_step, i) => (i < stepCount ? (others[i] ?? 0) : 0)),
      sink,
    ];
  }

  /** How many dead letters a stage made; 0 is the source, and the sink is the last. */
  deadLetteredAt(stageIndex: number): number {
    return this.#deadLettered[stageIndex] as number;
  }

  /** Looks at what the source rejected. @throws MillraceError the first failure, under `fail` */
  checkSource(reading: Reading): void {
    throwUnderFail(this.#failedAtSource(reading));
  }

  /** Looks at what steps failed. @throws MillraceError the first failure, under `fail` */
  checkSteps(batch: Batch, processed: Processed): void {
    const steps = this.#steps();
    const fails = processed.failedBySteps.some((count, i) => count > 0 && steps[i]?.onError === "fail");
    if (!fails) return;
    for (const failed of this.#failedAtSteps(batch, processed)) throwUnderFail(failed);
  }

  /**
   * Stores letters of what failed before the sink: they are durable when this resolves. Batches come in their order.
   * @throws MillraceError `pipeline.too-many-failures`; what storing dead letters throws
   */
  async keepBeforeSink(batch: Batch, reading: Reading, processed: Processed): Promise<Kept> {
    const { rejections, frame } = reading;
    this.#window?.begin(rejections.length + frame.recordCount);
    if (rejections.length === 0 && batch.failures.length === 0) return nothingKept;
    const failed = [this.#failedAtSource(reading), ...this.#failedAtSteps(batch, processed)];
    return this.#keep(batch, reading, failed);
  }

  /** Settles what failed before the sink, once its letters are kept and the batch is to be written. */
  settleBeforeSink(batch: Batch, kept: Kept, fates: Fates): void {
    this.#settle(kept, fates);
    fates.endSteps(batch);
  }

  /**
   * Settles what the sink refused for good.
   * @throws MillraceError the first refusal, under `fail`; `pipeline.too-many-failures`; what storing dead letters throws
   */
  async settleRefused(
    batch: Batch,
    reading: Reading,
    refused: readonly RecordFailure[],
    attempts: number,
    fates: Fates,
  ): Promise<void> {
    const { sink, onError } = this.#parts;
    const failed: Failed = {
      stageIndex: this.#steps().length + 1,
      step: undefined,
      policy: lastResortOf(sink.onError ?? onError),
      attempts,
      records: this.#located(
        "sink",
        batch,
        refused.map((failure) => ({ ...failure, by: sink.name })),
      ),
    };
    throwUnderFail(failed);
    this.#settle(await this.#keep(batch, reading, [failed], fates), fates);
  }

  /** @param fates what has become of the batch's records already */
  async #keep(batch: Batch, reading: Reading, failed: readonly Failed[], fates?: Fates): Promise<Kept> {
    this.#noteInWindow(reading, failed);
    const letters = chosenForLetters(failed, fates);
    if (letters.length > 0) await this.#writeLetters(batch, reading, letters);
    return { failed, letters };
  }

  #settle({ failed, letters }: Kept, fates: Fates): void {
    for (const [{ stageIndex }] of letters) {
      this.#deadLettered[stageIndex] = this.deadLetteredAt(stageIndex) + 1;
    }
    const { onSkip, onDeadLetter } = this.#parts;
    for (const { policy, records } of failed) {
      if (policy === "fail") continue;
      for (const { origin, sample: _sample, ...record } of records) {
        if (origin === undefined) fates.rejections(policy);
        else fates.fail(origin, policy);
        if (policy === "skip") onSkip(record);
        else onDeadLetter?.(record);
      }
    }
  }

  #noteInWindow({ rejections }: Reading, all: readonly Failed[]): void {
    if (this.#window === undefined) return;
    for (const { records } of all) {
      for (const [index, record] of records.entries()) {
        const { origin, sample: _sample, ...cause } = record;
        this.#window.fail(origin === undefined ? index : rejections.length + origin, cause);
      }
    }
    this.#window.check();
  }

  async #writeLetters(batch: Batch, reading: Reading, chosen: readonly Chosen[]): Promise<void> {
    assert(this.#writer !== undefined, "there is a topic for dead letters when a policy makes some");
    const time = new Date(this.#parts.clock.now()).toISOString();
    await this.#writer.write(() => this.#letters(batch, chosen, time), reading.position);
  }

  *#letters(batch: Batch, chosen: readonly Chosen[], time: string): Generator<DeadLetter> {
    const { source, deadLetters } = this.#parts;
    for (const [{ step, attempts }, { origin, sample, stage, by, where, code, message }] of chosen) {
      const before = origin === undefined ? 0 : (source.port.attemptsBefore?.(batch.frame, origin) ?? 0);
      const inTopic = "topic" in where ? where.offset : undefined;
      yield {
        record: origin === undefined ? { value: sample ?? new Uint8Array(0) } : originalOf(batch, origin),
        cause: {
          pipeline: deadLetters?.pipeline ?? "",
          source: source.name,
          place: formatWhere(where),
          offset: inTopic ?? (origin === undefined ? undefined : batch.offsetOf(origin)),
          stage,
          step: step?.name,
          by,
          module: step?.sha256 === undefined ? undefined : `${step.module}@${step.sha256}`,
          code,
          message,
          attempt: before + attempts,
          time,
          sample: sample !== undefined,
        },
      };
    }
  }

  #failedAtSource({ rejections }: Reading): Failed {
    const { source, onError } = this.#parts;
    return {
      stageIndex: 0,
      step: undefined,
      policy: lastResortOf(source.onError ?? onError),
      attempts: 1,
      records: rejections.map(({ where, code, message, sample }) => ({
        stage: "source",
        by: source.name,
        where: redactedWhere(where, this.#redactor),
        code,
        message: this.#redactor.redact(message),
        origin: undefined,
        sample,
      })),
    };
  }

  #failedAtSteps(batch: Batch, { failedBySteps }: Processed): readonly Failed[] {
    let from = 0;
    return failedBySteps.map((count, index) => {
      const step = this.#steps()[index] as ProcessorStep;
      const failures = batch.failures.slice(from, from + count);
      from += count;
      const records = this.#located(step.stage, batch, failures);
      return { stageIndex: index + 1, step, policy: step.onError, attempts: 1, records };
    });
  }

  #located(stage: string, batch: Batch, failures: readonly RecordFailure[]): Failed["records"] {
    const source = this.#parts.source.port;
    return failures.map(({ origin, by, code, message }) => ({
      stage,
      by,
      where: redactedWhere(source.locate(batch.frame, origin), this.#redactor),
      code,
      message: this.#redactor.redact(message),
      origin,
      sample: undefined,
    }));
  }
}

/** What becomes a letter: each record once, however many parts of it failed and where. */
function chosenForLetters(all: readonly Failed[], fates: Fates | undefined): readonly Chosen[] {
  const chosen: Chosen[] = [];
  const origins = new Set<number>();
  for (const failed of all) {
    if (failed.policy !== "dead-letter") continue;
    for (const record of failed.records) {
      const { origin } = record;
      if (origin !== undefined) {
        if (origins.has(origin) || fates?.isDeadLetter(origin)) continue;
        origins.add(origin);
      }
      chosen.push([failed, record]);
    }
  }
  return chosen;
}

function throwUnderFail({ policy, records, attempts }: Failed): void {
  const [first] = records;
  if (first !== undefined && policy === "fail") throw failureOf(first, records.length - 1, attempts);
}

/** A record as it came, whatever steps have made of it. Borrowed. */
function originalOf(batch: Batch, origin: number): RecordInput {
  const { frame } = batch;
  const { values, keys, timestamps, headers } = frame;
  const original = new RecordView(
    {
      generation: 0,
      count: frame.recordCount,
      bytes: frame.bytes,
      frame,
      columns: { origins: undefined, values, keys, timestamps, headers },
      originOf: (index) => index,
      offsetOf: (index) => batch.offsetOf(index),
    },
    origin,
  );
  return {
    value: original.value,
    key: original.key,
    timestamp: original.timestamp,
    headers: original.headers,
  };
}
