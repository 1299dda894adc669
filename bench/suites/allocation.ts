import { Session } from "node:inspector/promises";
import { openChain } from "../../src/engine/index.ts";
import { loadModuleFile } from "../../src/modules/index.ts";
import { Batch, encodeLines, frameOfLines, linesAt } from "../../src/record/index.ts";
import { guestFile } from "../guests/guest-files.ts";
import { logRecords } from "../log-records.ts";
import { table } from "../report/tables.ts";
import type { Suite } from "../suite.ts";

export const allocationSuite: Suite = {
  name: "allocation",
  summary: "what the hot path allocates on the JavaScript heap",
  minutes: 1,
  async run() {
    const allocation = await measureAllocation();
    const markdown = `Heap profile (a sample each ${samplingBytes} bytes, collected objects included) over ${allocation.records.toLocaleString("en")} records of ${recordBytes} B in batches of 1 MiB:
split into lines, json-filter, json-pick, encoded as lines. In all ${allocation.bytesPerRecord.toFixed(3)} bytes for each record; the smallest
object takes 12 to 16, so what is far below that is allocated for a batch of ${Math.ceil(batchBytes / recordBytes)} and not for a record.

${table(
  ["place", "bytes for each record", "bytes for each batch"],
  allocation.sites.map(({ place, bytesPerRecord }) => [
    place,
    bytesPerRecord.toFixed(4),
    (bytesPerRecord * Math.ceil(batchBytes / recordBytes)).toFixed(0),
  ]),
)}
`;
    return { data: allocation, markdown };
  },
};

/** What the JavaScript heap gave out while records went by, from the sampling heap profiler, collected objects included. */
interface Allocation {
  readonly records: number;
  readonly bytesPerRecord: number;
  /** Most first. */
  readonly sites: readonly { readonly place: string; readonly bytesPerRecord: number }[];
}

/** A node of the profile, as far as it is used here. */
interface ProfileNode {
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly selfSize: number;
  readonly children: readonly ProfileNode[];
}

const records = 2_000_000;
const recordBytes = 200;
const batchBytes = 1024 * 1024;
const samplingBytes = 512;
const siteCountMax = 8;

/** The hot path from a chunk of lines to lines: split, copy in, filter, map, gather, encode. */
async function measureAllocation(): Promise<Allocation> {
  const filter = await loadModuleFile(guestFile.jsonFilter);
  const pick = await loadModuleFile(guestFile.jsonPick);
  const chain = await openChain([
    { module: filter, parameters: { field: "level", operator: "!=", value: "debug" } },
    { module: pick, parameters: { fields: JSON.stringify({ service: "service", status: "status" }) } },
  ]);
  const chunk = Buffer.from(`${logRecords(Math.ceil(batchBytes / recordBytes), recordBytes).join("\n")}\n`);
  const batch = new Batch();
  const pass = (): number => {
    const { buffer } = batch;
    buffer.reset();
    buffer.used = linesAt;
    buffer.reserve(chunk.length);
    buffer.bytes.set(chunk, linesAt);
    const { frame } = frameOfLines(buffer, linesAt + chunk.length);
    batch.start(frame);
    chain.process(batch);
    encodeLines(batch);
    batch.release();
    return frame.recordCount;
  };
  for (let warm = 0; warm < 50; warm++) pass();
  const session = new Session();
  session.connect();
  await session.post("HeapProfiler.startSampling", {
    samplingInterval: samplingBytes,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  } as { samplingInterval: number });
  let done = 0;
  while (done < records) done += pass();
  const { profile } = (await session.post("HeapProfiler.stopSampling")) as { profile: { head: ProfileNode } };
  session.disconnect();
  const sites = new Map<string, number>();
  const walk = (node: ProfileNode): void => {
    const { functionName, url, lineNumber } = node.callFrame;
    const place = `${functionName || "(anonymous)"} ${url.replace(/^.*\/dist-bench\//, "")}:${lineNumber + 1}`;
    if (node.selfSize > 0) sites.set(place, (sites.get(place) ?? 0) + node.selfSize);
    for (const child of node.children) walk(child);
  };
  walk(profile.head);
  const total = Array.from(sites.values()).reduce((sum, bytes) => sum + bytes, 0);
  return {
    records: done,
    bytesPerRecord: total / done,
    sites: Array.from(sites, ([place, bytes]) => ({ place, bytesPerRecord: bytes / done }))
      .toSorted((a, b) => b.bytesPerRecord - a.bytesPerRecord)
      .slice(0, siteCountMax),
  };
}
