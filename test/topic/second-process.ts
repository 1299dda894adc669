import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Appended } from "../../src/topic/index.ts";

export interface Place {
  readonly folder: string;
  readonly topic: string;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A process beside this one that works on the same topics. */
export class SecondProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #calls = 0;
  /** What `appendForever` has acknowledged so far. */
  acknowledged = 0;
  onAcknowledged: () => void = () => {};

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (message: Answer | { readonly acknowledged: number }) => {
      if ("acknowledged" in message) {
        this.acknowledged = message.acknowledged;
        this.onAcknowledged();
      } else this.#waiting.get(message.id)?.(message);
    });
  }

  static async start(): Promise<SecondProcess> {
    const script = fileURLToPath(new URL("child.js", import.meta.url));
    const child = fork(script, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    await once(child, "message");
    return new SecondProcess(child);
  }

  append(place: Place, batches: readonly (readonly string[])[]): Promise<readonly Appended[]> {
    return this.#call("append", place, batches);
  }

  open(place: Place): Promise<{ readonly first: number; readonly next: number }> {
    return this.#call("open", place);
  }

  follow(place: Place, from: number, count: number): Promise<readonly string[]> {
    return this.#call("follow", place, from, count);
  }

  close(): Promise<void> {
    return this.#call("close");
  }

  appendForever(place: Place, shape: { readonly recordsMax: number; readonly valueBytes: number }): void {
    void this.#call("appendForever", place, shape);
  }

  exitWhileAppending(place: Place, values: readonly string[]): void {
    void this.#call("exitWhileAppending", place, values);
  }

  /** Resolves with the exit code, or the name of the signal that ended it. */
  async ended(): Promise<number | string> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
    return (this.#child.exitCode ?? this.#child.signalCode) as number | string;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended();
  }

  #call<Result>(method: string, ...args: readonly unknown[]): Promise<Result> {
    const id = this.#calls++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        this.#waiting.delete(id);
        if (error === undefined) resolve(result as Result);
        else reject(new Error(`${error.code}: ${error.message}`));
      });
      this.#child.send({ id, method, args });
    });
  }
}
