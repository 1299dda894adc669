import { openChain } from "../../src/engine/index.ts";
import { loadModuleFile } from "../../src/modules/index.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { arrays, batchRecords, type FluvioSubject, recordBytes, records } from "../fluvio-records.ts";
import { guestFile } from "../guests/guest-files.ts";
import { spread, table } from "../report/tables.ts";
import { type Spread, spreadOf } from "../statistics.ts";
import type { Suite } from "../suite.ts";

export const fluvioSuite: Suite = {
  name: "fluvio",
  summary: "what the host takes for each record around unmodified modules of Fluvio's crate",
  minutes: 1,
  async run({ rounds, progress }) {
    const costs: FluvioCost[] = [];
    for (const subject of subjects) {
      progress(`fluvio, ${subject.name}`);
      costs.push(await measure(subject, rounds));
    }
    const markdown = `Records of ${recordBytes} B in batches of ${batchRecords}. Host: writing the input into the module's memory, reading its output, taking
over what it made, and freeing it. An array-map is called for each record, since what it makes does not say what it was made of. Of each round the
fastest batch counts, so that what else the machine does is left out.

${table(
  ["module", "host, ns for each record", "module, ns for each record", "host's share"],
  costs.map(({ name, hostNs, guestNs }) => [
    name,
    spread(hostNs, 1),
    spread(guestNs, 1),
    `${((100 * hostNs.median) / (hostNs.median + guestNs.median)).toFixed(1)} %`,
  ]),
)}
`;
    return { data: costs, markdown };
  },
};

interface FluvioCost {
  readonly name: string;
  readonly hostNs: Spread;
  readonly guestNs: Spread;
}

const subjects: readonly FluvioSubject[] = [
  { name: "filter that keeps all", file: guestFile.fluvioFilter, values: records },
  {
    name: "filter that drops half",
    file: guestFile.fluvioFilter,
    values: records.map((record, i) => (i % 2 === 0 ? record : record.replaceAll("a", "e"))),
  },
  { name: "map to capitals", file: guestFile.fluvioMap, values: records },
  { name: "map with serde_json", file: guestFile.fluvioJsonMap, values: records },
  { name: "array-map with serde_json", file: guestFile.fluvioArrayMap, values: arrays },
];
const callsInRound = 40;

async function measure({ name, file, values }: FluvioSubject, rounds: number): Promise<FluvioCost> {
  const module = await loadModuleFile(file);
  const { transforms, process } = await openChain([{ module }], { now: () => performance.now() });
  const counts = transforms[0]?.counts;
  if (counts === undefined) throw new Error("a chain of one module has one transform");
  const batch = Batch.of(frameOf(values));
  const { frame } = batch;
  const host: number[] = [];
  const guest: number[] = [];
  for (let round = -3; round < rounds; round++) {
    let hostMs = Number.POSITIVE_INFINITY;
    let guestMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < callsInRound; i++) {
      const guestMsBefore = counts.guestMs;
      batch.buffer.used = frame.bytes.length;
      batch.start(frame);
      const start = performance.now();
      process(batch);
      const ms = performance.now() - start;
      const ownMs = counts.guestMs - guestMsBefore;
      guestMs = Math.min(guestMs, ownMs);
      hostMs = Math.min(hostMs, ms - ownMs);
    }
    if (round < 0) continue;
    host.push((hostMs * 1e6) / batchRecords);
    guest.push((guestMs * 1e6) / batchRecords);
  }
  if (batch.failures.length > 0) throw new Error(`${name}: ${batch.failures[0]?.message}`);
  return { name, hostNs: spreadOf(host), guestNs: spreadOf(guest) };
}
