import { openChain } from "../../src/engine/index.ts";
import { loadModuleFile } from "../../src/modules/index.ts";
import { Batch, type Frame, frameOf } from "../../src/record/index.ts";
import { guestFile } from "../guests/guest-files.ts";
import { logRecords } from "../log-records.ts";
import { spread, table } from "../report/tables.ts";
import { type Spread, spreadOf } from "../statistics.ts";
import type { Suite } from "../suite.ts";

export const hostCostSuite: Suite = {
  name: "host-cost",
  summary: "what the host takes for each record around a filter in C that keeps everything",
  minutes: 1,
  async run({ rounds, progress }) {
    const costs = await measureHostCost(rounds, progress);
    const markdown = `Copy in, call, verdicts and gather, without reading and splitting; the frame is built once and sent again and again.

${table(
  ["record bytes", "records in a batch", "host, ns for each record", "guest loop, ns for each record"],
  costs.map((cost) => [
    String(cost.recordBytes),
    String(cost.batchRecords),
    spread(cost.hostNs, 1),
    spread(cost.guestNs, 1),
  ]),
)}
`;
    return { data: costs, markdown };
  },
};

/** What the host takes for each record around a module that does nothing: copy in, call, verdicts, gather. */
interface HostCost {
  readonly recordBytes: number;
  readonly batchRecords: number;
  readonly hostNs: Spread;
  /** The guest's own loop, for comparison. */
  readonly guestNs: Spread;
}

const recordSizes = [100, 200, 1024, 10_240];
const batchSizes = [1, 10, 100, 1000, 10_000];
/** Bytes that one round sends through, so that each takes some milliseconds. */
const roundBytes = 32 * 1024 * 1024;
/** The largest batch is bounded by the frame. */
const batchBytesMax = 48 * 1024 * 1024;

/** @param rounds timed passes for each size; the host's share is wall time less the time in the module */
async function measureHostCost(
  rounds: number,
  progress: (line: string) => void,
): Promise<readonly HostCost[]> {
  const module = await loadModuleFile(guestFile.keep);
  const costs: HostCost[] = [];
  for (const recordBytes of recordSizes) {
    for (const batchRecords of batchSizes) {
      if (recordBytes * batchRecords > batchBytesMax) continue;
      progress(`host cost, ${recordBytes} B x ${batchRecords}`);
      const { transforms, process } = await openChain([{ module }], { now: () => performance.now() });
      const counts = transforms[0]?.counts;
      if (counts === undefined) throw new Error("a chain of one module has one transform");
      const batch = Batch.of(frameOf(logRecords(batchRecords, recordBytes)));
      const { frame } = batch;
      const calls = Math.max(3, Math.ceil(roundBytes / (recordBytes * batchRecords)));
      const host: number[] = [];
      const guest: number[] = [];
      for (let round = -1; round < rounds; round++) {
        const guestMsBefore = counts.guestMs;
        const start = performance.now();
        repeat(calls, batch, frame, process);
        const ms = performance.now() - start;
        const guestMs = counts.guestMs - guestMsBefore;
        if (round < 0) continue;
        host.push(((ms - guestMs) * 1e6) / (calls * batchRecords));
        guest.push((guestMs * 1e6) / (calls * batchRecords));
      }
      costs.push({ recordBytes, batchRecords, hostNs: spreadOf(host), guestNs: spreadOf(guest) });
    }
  }
  return costs;
}

function repeat(calls: number, batch: Batch, frame: Frame, process: (batch: Batch) => void): void {
  for (let i = 0; i < calls; i++) {
    batch.start(frame);
    process(batch);
  }
}
