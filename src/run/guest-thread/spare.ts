import { Worker } from "node:worker_threads";

/** Starts a thread, which waits for the steps that it is to open. */
function startWorker(): Worker {
  return new Worker(new URL("./worker.js", import.meta.url), { name: "millrace-guest" });
}

/** A thread that is started while another one may have to be ended soon, so that nobody waits for its start then. */
export class Spare {
  #worker: Worker | undefined;

  prepare(): void {
    if (this.#worker !== undefined) return;
    const worker = startWorker();
    const forget = (): void => {
      if (this.#worker === worker) this.#worker = undefined;
    };
    worker.on("error", forget);
    worker.on("exit", forget);
    this.#worker = worker;
  }

  /** The thread that was prepared, or one that is just being started. */
  take(): Worker {
    const worker = this.#worker ?? startWorker();
    this.#worker = undefined;
    return worker;
  }

  /** It is not needed after all. */
  async drop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}
