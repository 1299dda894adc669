import { parentPort, workerData } from "node:worker_threads";
import { assert, type Logger } from "../../base/index.ts";
import { type PipelineStep, runSteps } from "../../pipeline/index.ts";
import { openSteps } from "../open-steps.ts";
import type { Reply, Request, ThreadStart } from "./protocol.ts";
import { TravellingBatch } from "./sent-batch.ts";
import { sendableError } from "./sent-error.ts";

/** The program of a guest thread: it opens its steps, then answers one request after another. */

assert(parentPort !== null, "this runs as a worker");
const port = parentPort;
const batches = new Map<number, TravellingBatch>();

function reply(message: Reply): void {
  port.postMessage(message);
}

const log: Logger = {
  debug: (text) => reply({ kind: "log", level: "debug", text }),
  info: (text) => reply({ kind: "log", level: "info", text }),
  warn: (text) => reply({ kind: "log", level: "warn", text }),
};

function answer(steps: readonly PipelineStep[], request: Request): void {
  const travelling = batches.get(request.batch) ?? TravellingBatch.from(request);
  batches.set(request.batch, travelling);
  const { batch } = travelling;
  batch.release();
  travelling.receive(request);
  if (request.kind === "look-back") {
    steps[request.step]?.transform.lookBack(batch);
    reply({ kind: "looked-back" });
    return;
  }
  const processed = runSteps(steps, batch);
  const counts = steps.map(({ transform }) => transform.counts);
  reply({ kind: "processed", ...travelling.send(), processed, counts });
}

/** After a failure an instance may be in any state: nothing more is asked of it. */
function fail(error: unknown): void {
  reply({ kind: "failed", error: sendableError(error) });
  port.removeAllListeners("message");
}

try {
  const steps = await openSteps((workerData as ThreadStart).steps, log);
  port.on("message", (request: Request) => {
    try {
      answer(steps, request);
    } catch (error) {
      fail(error);
    }
  });
  const opened = steps.map(({ transform: { module, looksBack, counts } }) => ({ module, looksBack, counts }));
  reply({ kind: "opened", steps: opened });
} catch (error) {
  fail(error);
}
