import type { Worker } from "node:worker_threads";
import type { Logger } from "../../base/index.ts";
import { messageOf } from "../../errors.ts";
import type { StepToOpen } from "../open-steps.ts";
import { type InHand, Progress } from "./progress.ts";
import type { Reply, Request, ThreadStart } from "./protocol.ts";
import { receivedError } from "./sent-error.ts";
import { Watch } from "./watch.ts";

/** How a thread has ended. */
export type ThreadEnd =
  /** It has said so itself, and why. */
  | { readonly how: "failed"; readonly error: unknown }
  /** It was ended, because it has had this in hand for too long; undefined when it got on at the last moment. */
  | { readonly how: "overdue"; readonly late: InHand | undefined }
  /** Nobody has ended it; with what it had in hand last. */
  | {
      readonly how: "died";
      readonly why: string;
      readonly cause: unknown;
      readonly last: InHand | undefined;
    };

export interface ThreadParts {
  readonly steps: readonly StepToOpen[];
  readonly log: Logger;
  /** That waits for its steps. */
  readonly worker: Worker;
  /** True while an answer is waited for. */
  readonly isAsked: () => boolean;
  /** Told when something has been in hand for half of its deadline. */
  readonly onSuspicion: () => void;
  readonly onReply: (reply: Exclude<Reply, { readonly kind: "log" | "failed" }>) => void;
  /** Told once, when nothing of it runs any more. Nothing is told after that. */
  readonly onEnd: (end: ThreadEnd) => void;
}

/** One worker thread, which is ended when it has something in hand for longer than the deadline of a step. */
export class Thread {
  readonly #parts: ThreadParts;
  readonly #worker: Worker;
  readonly #progress = new Progress();
  readonly #watch: Watch;
  #late: InHand | undefined;
  #failure: { readonly error: unknown } | undefined;
  #crash: unknown;
  #isClosed = false;

  constructor(parts: ThreadParts) {
    const { steps, log, worker, isAsked, onSuspicion, onReply } = parts;
    this.#parts = parts;
    const deadlinesMs = steps.map(({ module }) => module.limits.deadlineMs);
    this.#watch = new Watch(this.#progress, deadlinesMs, isAsked, onSuspicion, (late) => this.#stop(late));
    this.#worker = worker;
    this.#worker.on("message", (reply: Reply) => {
      if (reply.kind === "log") log[reply.level](reply.text);
      else if (reply.kind === "failed") this.#fail(receivedError(reply.error));
      else if (!this.#isClosed) onReply(reply);
    });
    this.#worker.on("messageerror", (error) => this.#crashed(error));
    this.#worker.on("error", (error) => this.#crashed(error));
    this.#worker.on("exit", (code) => this.#ended(code));
    const start: ThreadStart = { steps, progress: this.#progress.cells };
    this.#worker.postMessage(start);
    this.#watch.start();
  }

  ask(request: Request): void {
    this.#worker.postMessage(request);
    this.#watch.start();
  }

  /** Ends it; nothing more is told of it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watch.stop();
    await this.#worker.terminate();
  }

  #stop(late: InHand): void {
    this.#late = late;
    // Its exit is what tells that nothing of it runs any more.
    void this.#worker.terminate();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    void this.#worker.terminate();
  }

  #crashed(error: unknown): void {
    this.#crash ??= error;
    void this.#worker.terminate();
  }

  #ended(code: number): void {
    this.#watch.stop();
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#parts.onEnd(this.#end(code));
  }

  #end(code: number): ThreadEnd {
    if (this.#failure !== undefined) return { how: "failed", error: this.#failure.error };
    if (this.#late !== undefined) {
      // It may have got on with it at the last moment.
      const isStill = this.#progress.read()?.moment === this.#late.moment;
      return { how: "overdue", late: isStill ? this.#late : undefined };
    }
    const why = this.#crash === undefined ? `it exited with ${code}` : messageOf(this.#crash);
    return { how: "died", why, cause: this.#crash, last: this.#progress.read() };
  }
}
