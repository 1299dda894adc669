import { openChain, type Transform, type WorldOptions } from "../../engine/index.ts";
import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { Batch, frameOf, none, type RecordInput } from "../../record/index.ts";
import { earlierRuns, type InputSlice, slicesOf } from "./batches.ts";
import { BatchOutcomes, unsettled } from "./outcomes.ts";
import type { TrialBatch, TrialLogLine, TrialOutcome, TrialResult, TrialStepResult } from "./result.ts";
import type { TrialStep } from "./trial-step.ts";

export interface TrialOptions extends WorldOptions {
  /** Records that were there before, oldest first, for steps that look back. They have the offsets from 0 on. */
  readonly earlier?: readonly RecordInput[] | undefined;
  /** Most records of one batch; as many as a pipeline would take where it is absent. */
  readonly batchRecordsMax?: number | undefined;
  /** Milliseconds since 1970 that ages of look-back count from; now, where it is absent. */
  readonly now?: number | undefined;
  /** Milliseconds since 1970 for input records that have no timestamp of their own; they have none where it is absent. */
  readonly timestamp?: number | undefined;
  /** Filled with each batch of records, for who makes many trials one after the other; its own where it is absent. */
  readonly batch?: Batch | undefined;
  /** Told of each line that a module logs, when it does. */
  readonly onLog?: ((line: TrialLogLine) => void) | undefined;
}

interface OpenStep {
  readonly step: TrialStep;
  readonly transform: Transform;
  memoryBytesMax: number;
  /** What an aggregate has added up by the last batch that went through. */
  accumulated: Uint8Array | undefined;
}

/**
 * Modules that run offline: the engine that pipelines use, and nothing around it. No topic, no system, no thread; what a
 * pipeline would do by its error policy is left to the caller, so that a record that fails keeps no other from its outcome.
 * What the modules keep from one record to a later one, they keep from one `run` to the next.
 */
export class Trial {
  readonly #options: TrialOptions;
  readonly #steps: OpenStep[] = [];
  readonly #batch: Batch;
  /** Lines that no result has yet. */
  readonly #log: TrialLogLine[] = [];
  #nextOffset: number;
  #ended: MillraceError | undefined;

  private constructor(options: TrialOptions) {
    this.#options = options;
    this.#batch = options.batch ?? new Batch();
    this.#nextOffset = options.earlier?.length ?? 0;
  }

  /**
   * Opens and initialises the modules, and shows them the earlier records.
   * @throws MillraceError `module.init`, `module.look-back`, `module.trap`, `module.fuel`, `module.answer`, at the place of
   * the step where it has one
   */
  static async open(steps: readonly TrialStep[], options: TrialOptions = {}): Promise<Trial> {
    const trial = new Trial(options);
    for (const step of steps) await trial.#open(step);
    return trial;
  }

  /**
   * Runs records through all steps.
   * @throws MillraceError `record.too-large`, `frame.too-large`
   */
  run(records: readonly RecordInput[]): TrialResult {
    const { batchRecordsMax = limits.batchRecordsMax.default } = this.#options;
    const outcomes: TrialOutcome[] = [];
    const batches: TrialBatch[] = [];
    for (const slice of slicesOf(records, batchRecordsMax)) {
      if (this.#ended === undefined) {
        const fuelBefore = this.#fuelUsed();
        outcomes.push(...this.#process(slice));
        const { first, records } = slice;
        batches.push({ first, records: records.length, fuel: this.#fuelUsed() - fuelBefore });
      } else {
        outcomes.push(...unsettled(slice.records.length));
      }
    }
    return {
      outcomes,
      batches,
      steps: this.#steps.map(resultOf),
      log: this.#log.splice(0),
      fuel: batches.reduce((sum, { fuel }) => sum + fuel, 0),
      ended: this.#ended,
    };
  }

  async #open(step: TrialStep): Promise<void> {
    const { module, parameters, accumulator, lookBack, stateful } = step;
    const { earlier = [], now = Date.now(), wasi, deterministic } = this.#options;
    const index = this.#steps.length;
    try {
      const chain = await openChain([{ module, parameters, accumulator, lookBack, stateful }], {
        wasi,
        deterministic,
        log: (line) => this.#noteLine({ ...line, step: index }),
      });
      for (const transform of chain.transforms) {
        if (transform.looksBack) {
          for (const { offset, records } of earlierRuns(earlier, lookBack, now)) {
            transform.lookBack(this.#batch.load(frameOf(records, { offset })));
          }
        }
        this.#steps.push({
          step,
          transform,
          memoryBytesMax: transform.memoryBytes,
          accumulated: accumulator,
        });
      }
    } catch (error) {
      throw placed(error, step);
    }
  }

  #noteLine(line: TrialLogLine): void {
    this.#log.push(line);
    this.#options.onLog?.(line);
  }

  #process({ records }: InputSlice): TrialOutcome[] {
    const { timestamp = none } = this.#options;
    const batch = this.#batch.load(frameOf(records, { offset: this.#nextOffset, timestamp }));
    this.#nextOffset += records.length;
    const outcomes = new BatchOutcomes(batch);
    try {
      for (const [index, { transform }] of this.#steps.entries()) outcomes.run(index, transform);
      for (const open of this.#steps) open.accumulated = open.transform.accumulator();
    } catch (error) {
      if (!MillraceError.is(error)) throw error;
      this.#ended = error;
    }
    for (const open of this.#steps) {
      open.memoryBytesMax = Math.max(open.memoryBytesMax, open.transform.memoryBytes);
    }
    return outcomes.take(this.#ended === undefined);
  }

  #fuelUsed(): number {
    return this.#steps.reduce((sum, { transform }) => sum + transform.counts.fuel, 0);
  }
}

/**
 * Runs records through modules that are opened for it.
 * @throws MillraceError as `Trial.open`, `Trial.run`
 */
export async function runTrial(
  steps: readonly TrialStep[],
  records: readonly RecordInput[],
  options: TrialOptions = {},
): Promise<TrialResult> {
  return (await Trial.open(steps, options)).run(records);
}

function resultOf({ step, transform, memoryBytesMax, accumulated }: OpenStep): TrialStepResult {
  return {
    stage: step.stage ?? "module",
    module: step.module.name,
    counts: { ...transform.counts },
    memoryBytesMax,
    accumulator: transform.kind === "aggregate" ? accumulated : undefined,
  };
}

/** Errors about a module name it in their text; who wrote a config also needs the line that uses it. */
function placed(error: unknown, { where }: TrialStep): unknown {
  if (where === undefined || !MillraceError.is(error)) return error;
  return new MillraceError(error.code, error.message, { where, hint: error.hint, cause: error });
}
