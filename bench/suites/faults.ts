import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { silentLogger } from "../../src/base/index.ts";
import { type Isolation, readPlan } from "../../src/config/index.ts";
import { preparePipeline } from "../../src/run/index.ts";
import { type Comparison, type Contender, compare } from "../compare.ts";
import { guestFile } from "../guests/guest-files.ts";
import { logRecords } from "../log-records.ts";
import { comparisonTable } from "../report/tables.ts";
import type { Suite, SuiteOptions } from "../suite.ts";

export const faultsSuite: Suite = {
  name: "faults",
  summary: "what failing records cost: one in 1,000 of 1,000,000, by verdict and by trap",
  minutes: 6,
  async run(options) {
    const comparisons = await measureFaults(options);
    const markdown = `File → an AssemblyScript filter that reads one field of JSON and keeps the record → topic, as \`millrace run\` runs it, with \`onError:
dead-letter\`: ${count(recordCount)} records of ${recordBytes} B in batches of 1 MiB, files and topics in memory where the system offers that. One record in
${count(faultEvery)} fails, by its verdict or by a trap; each run is checked to deliver ${count(recordCount - faultCount)} records and to keep ${count(faultCount)} dead letters. Times are
against the same pipeline on records of which none fails; a time of 1.25x is a throughput of 0.8x.

${comparisonTable(
  "isolation",
  comparisons.map(({ isolation, ...comparison }) => ({ label: isolation, ...comparison })),
)}
`;
    return { data: comparisons, markdown };
  },
};

interface FaultComparison extends Comparison {
  readonly isolation: Isolation;
}

type Fault = "none" | "verdict" | "trap";

const recordCount = 1_000_000;
const recordBytes = 200;
const faultEvery = 1_000;
const faultCount = recordCount / faultEvery;
/** A file system in memory, on Linux. */
const memoryFolder = "/dev/shm";

async function measureFaults({ rounds, progress }: SuiteOptions): Promise<readonly FaultComparison[]> {
  const folder = await mkdtemp(join(existsSync(memoryFolder) ? memoryFolder : tmpdir(), "millrace-bench-"));
  try {
    for (const fault of ["none", "verdict", "trap"] as const) await writeInput(folder, fault);
    const comparisons: FaultComparison[] = [];
    for (const isolation of ["inline", "thread"] as const) {
      progress(`faults, isolation ${isolation}`);
      const contender = (name: string, fault: Fault): Contender => ({
        name,
        run: () => runOnce(folder, fault, isolation),
      });
      const comparison = await compare(
        [
          contender("no record fails", "none"),
          contender("1 in 1,000 fails by its verdict", "verdict"),
          contender("1 in 1,000 traps", "trap"),
        ],
        { rounds, units: recordCount },
      );
      comparisons.push({ isolation, ...comparison });
    }
    return comparisons;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One run of the pipeline, from an empty store, with its counts checked. */
async function runOnce(
  folder: string,
  fault: Fault,
  isolation: Isolation,
): Promise<{ ms: number; result: number }> {
  const topicFolder = join(folder, "topics");
  await rm(topicFolder, { recursive: true, force: true });
  const text = `meta:
  name: faults
  type: file-source
  topic: faults
file:
  path: ${fault}.ndjson
millrace:
  onError: dead-letter
  isolation: ${isolation}
filter:
  uses: ${resolve(guestFile.faulty)}
`;
  const { plan } = await readPlan(join(folder, "faults.yaml"), { text });
  const pipeline = await preparePipeline(plan, {
    once: true,
    topicFolder,
    log: silentLogger,
    onSkip: () => {},
  });
  const start = performance.now();
  await pipeline.run(new AbortController().signal);
  const ms = performance.now() - start;
  const { read, delivered, deadLettered } = pipeline.counts;
  const expected = fault === "none" ? 0 : faultCount;
  if (read !== recordCount || delivered !== recordCount - expected || deadLettered !== expected) {
    throw new Error(`of ${read} records ${delivered} were delivered and ${deadLettered} dead-lettered`);
  }
  return { ms, result: delivered + deadLettered };
}

async function writeInput(folder: string, fault: Fault): Promise<void> {
  const level = { none: "error", verdict: "refused", trap: "poison" }[fault];
  const records = logRecords(faultEvery, recordBytes).map((record, i) =>
    i === faultEvery / 2 ? record.replace(/"level":"[a-z]+"/, `"level":"${level}"`) : record,
  );
  const block = Buffer.from(`${records.join("\n")}\n`);
  await writeFile(
    join(folder, `${fault}.ndjson`),
    Array.from({ length: recordCount / faultEvery }, () => block),
  );
}

function count(value: number): string {
  return value.toLocaleString("en");
}
