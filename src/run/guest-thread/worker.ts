import { once } from "node:events";
import { parentPort } from "node:worker_threads";
import { assert, type Logger } from "../../base/index.ts";
import { type PipelineStep, runSteps } from "../../pipeline/index.ts";
import { openSteps } from "../open-steps.ts";
import { careFor } from "./care-for.ts";
import { opening, Progress } from "./progress.ts";
import type { Reply, Request, ThreadStart } from "./protocol.ts";
import { TravellingBatch } from "./sent-batch.ts";
import { sendableError } from "./sent-error.ts";

/** The program of a guest thread: it waits for its steps, opens them, then answers one request after another. */

assert(parentPort !== null, "this runs as a worker");
const port = parentPort;
const [start] = (await once(port, "message")) as [ThreadStart];
const progress = new Progress(start.progress);
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
  const { work } = request;
  if (request.kind === "look-back") {
    progress.begin(work, request.step);
    steps[request.step]?.transform.lookBack(batch);
    progress.end();
    reply({ kind: "looked-back", losses: lossesOf(steps) });
    return;
  }
  const { refusals } = request;
  const startMs = performance.now();
  const processed = runSteps(steps, batch, (step) => {
    progress.begin(work, step);
    return refusals && careFor(refusals, work, step, progress);
  });
  // Before the answer: what was answered must not be taken for what is in hand.
  progress.end();
  const counts = steps.map(({ transform }) => transform.counts);
  const tookMs = performance.now() - startMs;
  reply({
    kind: "processed",
    ...travelling.send(),
    processed,
    counts,
    losses: lossesOf(steps),
    tookMs,
  });
}

function lossesOf(steps: readonly PipelineStep[]): readonly PipelineStep["transform"]["stateLoss"][] {
  return steps.map(({ transform }) => transform.stateLoss);
}

/** After a failure an instance may be in any state: nothing more is asked of it. */
function fail(error: unknown): void {
  progress.end();
  reply({ kind: "failed", error: sendableError(error) });
  port.removeAllListeners("message");
}

try {
  const steps = await openSteps(start.steps, log, (step) => progress.begin(opening, step));
  progress.end();
  port.on("message", (request: Request) => {
    try {
      answer(steps, request);
    } catch (error) {
      fail(error);
    }
  });
  const opened = steps.map(({ transform: { module, looksBack, stateLoss } }) => ({
    module,
    looksBack,
    loss: stateLoss,
  }));
  reply({ kind: "opened", steps: opened });
} catch (error) {
  fail(error);
}
