import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { silentLogger } from "../../src/base/index.ts";
import { partsOf } from "../../src/engine/index.ts";
import { loadModuleFile } from "../../src/modules/index.ts";
import type { Processor } from "../../src/pipeline/index.ts";
import { type Batch, FrameBuilder } from "../../src/record/index.ts";
import { Progress } from "../../src/run/guest-thread/progress.ts";
import { openProcessor } from "../../src/run/index.ts";
import { guestFile } from "../guests/guest-files.ts";
import { logRecords } from "../log-records.ts";
import { spread, table } from "../report/tables.ts";
import { type Spread, spreadOf } from "../statistics.ts";
import type { Suite } from "../suite.ts";

const deadlineMs = 1000;
const recordBytes = 200;
const batchRecords = 5000;
/** Of what is told of the thread while it works; each takes well under a microsecond. */
const marks = 200_000;

export const deadlineSuite: Suite = {
  name: "deadline",
  summary: "how soon a module that never returns is ended, and records flow again",
  minutes: 2,
  async run({ rounds, progress }) {
    const result = await measureDeadline(rounds, progress);
    const over = ({ low, median, high }: Spread, by: number): string =>
      spread({ low: low - by, median: median - by, high: high - by }, 1);
    const markdown = `A filter that spins at one record, without fuel, in the middle of a batch of ${batchRecords} records of ${recordBytes} B; two
batches are under way. The deadline is ${deadlineMs} ms.

${table(
  ["from the hand-over of the batch", "ms", "beyond"],
  [
    [
      "the spinning thread has ended",
      spread(result.endedMs, 1),
      `${over(result.endedMs, deadlineMs)} ms beyond the deadline`,
    ],
    [
      "the batch is back, without the record",
      spread(result.backMs, 1),
      `${over(result.backMs, 2 * deadlineMs)} ms beyond two deadlines`,
    ],
    [
      "the next batch is back",
      spread(result.nextMs, 1),
      `${over(result.nextMs, 2 * deadlineMs)} ms beyond two deadlines`,
    ],
  ],
)}

To say what is in hand takes the thread ${spread(result.markNs, 0)} ns. It says so once for each module of a batch and once behind it, and for each record
only of a batch that has missed its deadline before.
`;
    return { data: result, markdown };
  },
};

interface DeadlineTimes {
  readonly endedMs: Spread;
  readonly backMs: Spread;
  readonly nextMs: Spread;
  /** What saying what is in hand takes, once. */
  readonly markNs: Spread;
}

async function measureDeadline(rounds: number, progress: (line: string) => void): Promise<DeadlineTimes> {
  const values = logRecords(batchRecords, recordBytes);
  const spinning = values.with(batchRecords >> 1, `spin${values[batchRecords >> 1]}`);
  const ended: number[] = [];
  const back: number[] = [];
  const next: number[] = [];
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    const threads: Worker[] = [];
    const note = (thread: Worker): void => {
      threads.push(thread);
    };
    process.on("worker", note);
    const processor = await open();
    const [first, second] = [fill(processor.newBatch(), spinning), fill(processor.newBatch(), values)];
    // Warm, as in a pipeline that has run for a while.
    await processor.process(fill(processor.newBatch(), values));
    const startMs = performance.now();
    const since = (): number => performance.now() - startMs;
    const end = once(threads[0] as Worker, "exit").then(() => ended.push(since()));
    const batches = [
      processor.process(first).then(() => back.push(since())),
      processor.process(second).then(() => next.push(since())),
    ];
    await Promise.all([end, ...batches]);
    if (first.failures.length !== 1 || first.count !== batchRecords - 1 || second.count !== batchRecords) {
      throw new Error("the record that spins, and it alone, should have failed");
    }
    await processor.close();
    process.off("worker", note);
  }
  return {
    endedMs: spreadOf(ended),
    backMs: spreadOf(back),
    nextMs: spreadOf(next),
    markNs: spreadOf(Array.from({ length: rounds }, markNs)),
  };
}

async function open(): Promise<Processor> {
  const module = partsOf(
    await loadModuleFile(guestFile.spin, {
      fuel: false,
      deadlineMs,
    }),
  );
  const nothing = { accumulator: undefined, lookBack: undefined, stateful: undefined, world: {} };
  const step = { stage: "filter", name: "1-spin", onError: "skip", ...nothing } as const;
  const where = { file: "spin.wasm" };
  return openProcessor("thread", [{ ...step, module, parameters: new Map(), where }], silentLogger);
}

function fill(batch: Batch, values: readonly string[]): Batch {
  const builder = new FrameBuilder(batch.buffer);
  for (const value of values) builder.add({ value });
  return batch.start(builder.finish({ offset: 0 }));
}

function markNs(): number {
  const told = new Progress();
  const startMs = performance.now();
  for (let i = 0; i < marks; i++) told.begin(i, 0);
  return ((performance.now() - startMs) * 1e6) / marks;
}
