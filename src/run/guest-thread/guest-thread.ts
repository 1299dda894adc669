import { assert, type Logger } from "../../base/index.ts";
import type { StateLoss } from "../../engine/index.ts";
import { limits } from "../../limits.ts";
import type { Processed, Processor, ProcessorStep } from "../../pipeline/index.ts";
import { Batch, Frame, FrameBuffer } from "../../record/index.ts";
import type { StepToOpen } from "../open-steps.ts";
import { attribute, type Lost, lostWithThread, overdue, threadEnded } from "./blame.ts";
import type { OpenedStep, Reply } from "./protocol.ts";
import { TravellingBatch } from "./sent-batch.ts";
import { Spare } from "./spare.ts";
import { StepState } from "./state.ts";
import { Thread, type ThreadEnd } from "./thread.ts";
import { keptState, requestOf, type Work } from "./work.ts";

/**
 * Starts a thread in which the modules of a pipeline run, beside the thread that reads and writes.
 * @throws MillraceError what opening the steps throws; `module.deadline` when that takes too long; `module.thread` when the
 * thread ends
 */
export async function startGuestThread(steps: readonly StepToOpen[], log: Logger): Promise<Processor> {
  const thread = new GuestThread(steps, log);
  try {
    await thread.opened;
    return thread;
  } catch (error) {
    await thread.close();
    throw error;
  }
}

/**
 * The modules of a pipeline in a thread, and in another one when that was ended for its deadline or has ended by itself: its
 * steps are opened with the accumulators of the last batch that came back, shown again what they were shown of earlier
 * records, and whatever was asked and not answered is asked again, in order.
 */
class GuestThread implements Processor {
  readonly opened: Promise<void>;
  readonly #log: Logger;
  readonly #batches = new Map<Batch, TravellingBatch>();
  readonly #states: readonly StepState[];
  #toOpen: readonly StepToOpen[];
  #steps: readonly ProcessorStep[] = [];
  #thread: Thread;
  #isReady = false;
  /** Not answered yet, in order; the first so many were handed to the thread. */
  #queue: Work[] = [];
  #posted = 0;
  #lastNumber = 0;
  /** Batches that the present thread has answered. */
  #answered = 0;
  /** Threads in a row that have ended by themselves without a batch that was done. */
  #ends = 0;
  /** Batches take too long as a whole, and no record alone is why: they go in record by record. */
  #isSlow = false;
  /** Why there will be no more answers. */
  #end: { readonly error: unknown } | undefined;
  readonly #spare = new Spare();
  readonly #primingBatch: Batch = new Batch(new FrameBuffer(undefined, { shared: true }));
  /** Frames of earlier records that a new thread is still to be shown. */
  #toPrime: { readonly step: number; readonly bytes: Uint8Array }[] = [];
  #onOpened: { resolve(): void; reject(error: unknown): void } | undefined;

  constructor(steps: readonly StepToOpen[], log: Logger) {
    this.#log = log;
    this.#toOpen = steps;
    this.#states = steps.map(() => new StepState());
    this.opened = new Promise((resolve, reject) => {
      this.#onOpened = { resolve, reject };
    });
    this.#thread = this.#start();
  }

  get steps(): readonly ProcessorStep[] {
    return this.#steps;
  }

  newBatch(): Batch {
    const batch = new Batch(new FrameBuffer(undefined, { shared: true }));
    this.#travelling(batch);
    return batch;
  }

  async lookBack(step: number, batch: Batch): Promise<void> {
    await this.#ask("look-back", step, batch);
    if (this.#steps[step]?.looksBack === true) this.#states[step]?.keepShown(batch);
  }

  async process(batch: Batch): Promise<Processed> {
    const reply = await this.#ask("process", 0, batch);
    assert(reply.kind === "processed", "replies of a guest thread come in the order of the requests");
    return reply.processed;
  }

  async close(): Promise<void> {
    this.#fail(threadEnded("it was closed"));
    await Promise.all([this.#thread.close(), this.#spare.drop()]);
  }

  #travelling(batch: Batch): TravellingBatch {
    const known = this.#batches.get(batch);
    if (known !== undefined) return known;
    assert(batch.buffer.shared, "a guest thread works on batches that another thread can see");
    const travelling = new TravellingBatch(this.#batches.size, batch);
    this.#batches.set(batch, travelling);
    return travelling;
  }

  #ask(kind: Work["kind"], step: number, batch: Batch): Promise<Reply> {
    if (this.#end !== undefined) return Promise.reject(this.#end.error);
    return new Promise((resolve, reject) => {
      this.#queue.push({
        number: ++this.#lastNumber,
        kind,
        step,
        travelling: this.#travelling(batch),
        state: keptState(batch),
        refusals: undefined,
        resolve,
        reject,
      });
      this.#post();
    });
  }

  /** Hands over what waits. A batch that goes in record by record goes in alone, since it may be the end of the thread. */
  #post(): void {
    while (this.#isReady && this.#posted < this.#queue.length) {
      if (this.#queue[this.#posted - 1]?.refusals !== undefined) return;
      const work = this.#queue[this.#posted] as Work;
      if (this.#isSlow && work.kind === "process") work.refusals ??= [];
      this.#posted++;
      this.#thread.ask(requestOf(work));
    }
  }

  #start(): Thread {
    const thread: Thread = new Thread({
      steps: this.#toOpen,
      log: this.#log,
      worker: this.#spare.take(),
      onSuspicion: () => this.#spare.prepare(),
      isAsked: () => !this.#isReady || this.#posted > 0,
      onReply: (reply) => this.#take(reply),
      onEnd: (end) => this.#ended(end),
    });
    return thread;
  }

  #take(reply: Exclude<Reply, { readonly kind: "log" | "failed" }>): void {
    if (reply.kind === "opened") this.#takeOpened(reply.steps);
    else if (this.#isReady) this.#takeAnswer(reply);
    else {
      this.#note(reply.losses);
      this.#prime();
    }
  }

  #takeAnswer(reply: Extract<Reply, { readonly kind: "processed" | "looked-back" }>): void {
    const work = this.#queue.shift();
    assert(work !== undefined, "a guest thread speaks when it is asked");
    this.#posted--;
    void this.#spare.drop();
    this.#note(reply.losses);
    if (reply.kind === "processed") {
      const { counts, processed, losses, tookMs } = reply;
      work.travelling.receive(reply);
      this.#note(losses, counts);
      this.#toOpen = this.#toOpen.map((step) => {
        const added = processed.accumulators.find(({ step: name }) => name === step.name);
        return added === undefined ? step : { ...step, accumulator: added.bytes };
      });
      this.#answered++;
      this.#ends = 0;
      if (work.refusals !== undefined) this.#judgePace(tookMs, work.refusals.length);
    }
    work.resolve(reply);
    this.#post();
  }

  #takeOpened(steps: readonly OpenedStep[]): void {
    this.#note(steps.map(({ loss }) => loss));
    if (this.#steps.length === 0) {
      this.#steps = steps.map((opened, index) => this.#stepOf(opened, index));
      this.#onOpened?.resolve();
    }
    this.#toPrime = this.#states.flatMap(({ shown }, step) => shown.inputs.map((bytes) => ({ step, bytes })));
    this.#prime();
  }

  #stepOf({ module, looksBack }: OpenedStep, index: number): ProcessorStep {
    const { stage, name, onError, sha256 } = this.#toOpen[index] as StepToOpen;
    const state = this.#states[index] as StepState;
    return {
      stage,
      name,
      onError,
      module,
      sha256,
      looksBack,
      get stateLoss() {
        return state.loss;
      },
      get counts() {
        return state.counts;
      },
    };
  }

  #note(
    losses: readonly StateLoss[],
    counts?: Extract<Reply, { readonly kind: "processed" }>["counts"],
  ): void {
    for (const [index, state] of this.#states.entries()) {
      state.note(losses[index] as StateLoss, counts?.[index]);
    }
  }

  /** Shows a new thread what the one before was shown, one frame after another, ahead of all that waits. */
  #prime(): void {
    const next = this.#toPrime.shift();
    if (next === undefined) {
      this.#isReady = true;
      this.#post();
    } else {
      const batch = this.#primingBatch.load(new Frame(next.bytes));
      const sent = this.#travelling(batch).send();
      this.#thread.ask({ kind: "look-back", work: ++this.#lastNumber, step: next.step, ...sent });
    }
  }

  #judgePace(tookMs: number, refused: number): void {
    const isSlow = tookMs * 2 > Math.min(...this.#toOpen.map(({ module }) => module.limits.deadlineMs));
    if (isSlow && !this.#isSlow && refused === 0) {
      this.#log.warn(
        "batches take the modules longer than their deadline, and no record alone is why: they go in record by record, which " +
          "takes longer still; make them smaller (`batch-bytes`), or the `deadline` under `limits:` longer",
      );
    }
    this.#isSlow = isSlow;
  }

  #ended(end: ThreadEnd): void {
    try {
      if (end.how === "failed") this.#fail(end.error);
      else this.#replaceAfter(end);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @throws MillraceError when no other thread can take the place of the one that is gone */
  #replaceAfter(lost: Lost): void {
    // While a new thread is made what the old one was, nothing that waits is in its hands.
    attribute(lost, this.#isReady ? this.#queue[0] : undefined, this.#toOpen);
    if (lost.how === "died") {
      this.#ends++;
      const isFirst = this.#steps.length === 0;
      if (isFirst || this.#ends > limits.threadEndsMax.default) throw threadEnded(lost.why, lost.cause);
    }
    this.#mustBeReplaceable(lost);
    for (const travelling of this.#batches.values()) travelling.forget();
    for (const state of this.#states) state.renew();
    this.#isReady = false;
    this.#posted = 0;
    this.#answered = 0;
    this.#thread = this.#start();
  }

  /** @throws MillraceError when something that matters was in the thread */
  #mustBeReplaceable(lost: Lost): void {
    // What it has not answered is worked on anew, so that it has kept nothing yet.
    const lossAt = (loss: StateLoss): StepToOpen | undefined =>
      this.#answered === 0 ? undefined : this.#toOpen[this.#states.findIndex((state) => state.loss === loss)];
    const keeper = lossAt("fatal");
    if (keeper !== undefined) throw lostWithThread(lost, keeper, this.#toOpen);
    if (lost.how === "died") {
      this.#log.warn(
        `the thread of the modules has ended (${lost.why}), and another one has taken its place`,
      );
    } else if (lost.late !== undefined && lost.late.record === undefined) {
      this.#log.warn(
        `${overdue(lost, this.#toOpen)} for a batch; its thread was ended, and the records go in again one by one`,
      );
    }
    const loser = lossAt("told");
    if (loser !== undefined) {
      this.#log.warn(
        `${loser.module.name}: a new instance in another thread has taken its place, initialised and shown the earlier records ` +
          "that it looked back at, if any; what else it kept in its memory is lost",
      );
    }
  }

  #fail(error: unknown): void {
    this.#end ??= { error };
    this.#onOpened?.reject(this.#end.error);
    for (const { reject } of this.#queue.splice(0)) reject(this.#end.error);
  }
}
