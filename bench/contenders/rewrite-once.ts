import { parentPort, workerData } from "node:worker_threads";
import { rewriteModule } from "../../src/engine/rewrite/index.ts";

/** The program of a thread that rewrites one module, as a process does that has just begun: nothing of the code is compiled yet. */
const { bytes, options } = workerData as {
  readonly bytes: Uint8Array;
  readonly options: Parameters<typeof rewriteModule>[2];
};
const start = performance.now();
rewriteModule(bytes, "bench", options);
parentPort?.postMessage(performance.now() - start);
