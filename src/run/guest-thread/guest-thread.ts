import { Worker } from "node:worker_threads";
import { assert, type Logger } from "../../base/index.ts";
import { MillraceError, messageOf } from "../../errors.ts";
import type { Processed, Processor, ProcessorStep } from "../../pipeline/index.ts";
import { Batch, FrameBuffer } from "../../record/index.ts";
import type { StepToOpen } from "../open-steps.ts";
import type { OpenedStep, Reply, Request, ThreadStart } from "./protocol.ts";
import { TravellingBatch } from "./sent-batch.ts";
import { receivedError } from "./sent-error.ts";

/** Somebody who waits for the next reply. */
interface Waiting {
  readonly travelling: TravellingBatch | undefined;
  resolve(reply: Reply): void;
  reject(error: unknown): void;
}

/**
 * Starts a thread in which the modules of a pipeline run, beside the thread that reads and writes.
 * @throws MillraceError what opening the steps throws; `module.thread` when the thread ends
 */
export async function startGuestThread(steps: readonly StepToOpen[], log: Logger): Promise<Processor> {
  const thread = new GuestThread(log, { steps });
  try {
    await thread.open(steps);
    return thread;
  } catch (error) {
    await thread.close();
    throw error;
  }
}

class GuestThread implements Processor {
  readonly #worker: Worker;
  readonly #batches = new Map<Batch, TravellingBatch>();
  readonly #waiting: Waiting[] = [];
  #steps: readonly ProcessorStep[] = [];
  #counts: OpenedStep["counts"][] = [];
  /** Why there will be no more replies. */
  #end: { readonly error: unknown } | undefined;

  constructor(log: Logger, start: ThreadStart) {
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), {
      name: "millrace-guest",
      workerData: start,
    });
    this.#worker.on("message", (reply: Reply) => {
      if (reply.kind === "log") log[reply.level](reply.text);
      else if (reply.kind === "failed") this.#stop(receivedError(reply.error));
      else this.#take(reply);
    });
    this.#worker.on("messageerror", (error) => this.#stop(ended(messageOf(error), error)));
    this.#worker.on("error", (error) => this.#stop(ended(messageOf(error), error)));
    this.#worker.on("exit", (code) => this.#stop(ended(`it exited with ${code}`)));
  }

  get steps(): readonly ProcessorStep[] {
    return this.#steps;
  }

  async open(steps: readonly StepToOpen[]): Promise<void> {
    const reply = await this.#reply();
    assert(reply.kind === "opened", "the first reply of a guest thread says what it has opened");
    this.#counts = reply.steps.map(({ counts }) => counts);
    this.#steps = steps.map(({ stage, name, onError, module: { sha256 } }, index) => {
      const { module, looksBack } = reply.steps[index] as OpenedStep;
      const countsNow = (): OpenedStep["counts"] => this.#counts[index] as OpenedStep["counts"];
      return {
        stage,
        name,
        onError,
        module,
        sha256,
        looksBack,
        get counts() {
          return countsNow();
        },
      };
    });
  }

  newBatch(): Batch {
    const batch = new Batch(new FrameBuffer(undefined, { shared: true }));
    this.#batches.set(batch, new TravellingBatch(this.#batches.size, batch));
    return batch;
  }

  async lookBack(step: number, batch: Batch): Promise<void> {
    const travelling = this.#travelling(batch);
    await this.#ask(travelling, { kind: "look-back", step, ...travelling.send() });
  }

  async process(batch: Batch): Promise<Processed> {
    const travelling = this.#travelling(batch);
    const reply = await this.#ask(travelling, { kind: "process", ...travelling.send() });
    assert(reply.kind === "processed", "replies of a guest thread come in the order of the requests");
    return reply.processed;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #travelling(batch: Batch): TravellingBatch {
    const travelling = this.#batches.get(batch);
    assert(travelling !== undefined, "a guest thread works on batches that its processor made");
    return travelling;
  }

  #ask(travelling: TravellingBatch, request: Request): Promise<Reply> {
    const reply = this.#reply(travelling);
    if (this.#end === undefined) this.#worker.postMessage(request);
    return reply;
  }

  #reply(travelling?: TravellingBatch): Promise<Reply> {
    if (this.#end !== undefined) return Promise.reject(this.#end.error);
    return new Promise((resolve, reject) => this.#waiting.push({ travelling, resolve, reject }));
  }

  #take(reply: Reply): void {
    const next = this.#waiting.shift();
    assert(next !== undefined, "a guest thread speaks when it is asked");
    if (reply.kind === "processed") {
      next.travelling?.receive(reply);
      this.#counts = [...reply.counts];
    }
    next.resolve(reply);
  }

  #stop(error: unknown): void {
    this.#end ??= { error };
    for (const { reject } of this.#waiting.splice(0)) reject(this.#end.error);
  }
}

function ended(how: string, cause?: unknown): MillraceError {
  return new MillraceError("module.thread", `the thread of the modules has ended: ${how}`, {
    hint: "nothing is lost: what was not delivered is read again by the next run; with little memory, make smaller batches",
    cause,
  });
}
