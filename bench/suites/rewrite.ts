import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { webAssembly } from "../../src/base/index.ts";
import { type Chain, type ChainStep, guestLimits, openChain } from "../../src/engine/index.ts";
import { rewriteModule } from "../../src/engine/rewrite/index.ts";
import { loadModuleFile } from "../../src/modules/index.ts";
import { Batch, type Frame, frameOf } from "../../src/record/index.ts";
import { type Comparison, compare, type Measured } from "../compare.ts";
import { guestFile } from "../guests/guest-files.ts";
import { logRecords } from "../log-records.ts";
import { repeatedModule } from "../repeated-module.ts";
import { comparisonTable, spread, table } from "../report/tables.ts";
import { type Spread, spreadOf } from "../statistics.ts";
import type { Suite } from "../suite.ts";

export const rewriteSuite: Suite = {
  name: "rewrite",
  summary: "what it takes to build limits into a module, and what counting instructions costs",
  minutes: 2,
  async run({ rounds, progress }) {
    const times = await measureRewriting(rounds, progress);
    const prices = await measureMetering(rounds, progress);
    const markdown = `## Building limits in

The Rust module with its functions repeated. First: in a thread that has just begun, where all code of the rewriter is new. Again: later.
Compiling what comes out is beside it for comparison (the platform compiles functions when they are first called).

${table(
  ["module bytes", "rewritten", "first, ms", "again, ms", "compiling, ms"],
  times.map((time) => [
    time.bytes.toLocaleString("en"),
    `${(time.rewrittenBytes / time.bytes).toFixed(2)}x`,
    spread(time.firstMs, 1),
    spread(time.againMs, 1),
    spread(time.compileMs, 1),
  ]),
)}

## Counting instructions

Time in the module, with a meter against without (\`fuel: off\`), for records of ${recordBytes} B in batches of ${batchRecords}.

${comparisonTable(
  "module",
  prices.map((price) => ({ label: `${price.work}, ${price.fuelPerRecord} of fuel`, ...price })),
)}
`;
    return { data: { times, prices }, markdown };
  },
};

interface RewriteTime {
  readonly bytes: number;
  readonly rewrittenBytes: number;
  readonly firstMs: Spread;
  readonly againMs: Spread;
  readonly compileMs: Spread;
}

interface MeterPrice extends Comparison {
  readonly work: string;
  readonly fuelPerRecord: number;
}

const sizes = [40_000, 400_000, 1_700_000];
const recordBytes = 200;
/** So few that a run is shorter than what the system gives to a process at once. */
const batchRecords = 200;
const passes = 16;

const { memoryBytesMax, tableElementsMax, fuelPerSetup } = guestLimits();
const options = { memoryBytesMax, tableElementsMax, fuel: fuelPerSetup };

async function measureRewriting(
  rounds: number,
  progress: (line: string) => void,
): Promise<readonly RewriteTime[]> {
  const module = await readFile(guestFile.serdeFilter);
  const times: RewriteTime[] = [];
  for (const size of sizes) {
    progress(`rewriting ${size} bytes`);
    const bytes = repeatedModule(module, size);
    const [firstMs, againMs, compileMs]: [number[], number[], number[]] = [[], [], []];
    let rewritten = rewriteModule(bytes, "bench", options);
    for (let round = 0; round < rounds; round++) {
      firstMs.push(await rewriteInThread(bytes));
      const start = performance.now();
      rewritten = rewriteModule(bytes, "bench", options);
      againMs.push(performance.now() - start);
      const compileStart = performance.now();
      await webAssembly.compile(rewritten);
      compileMs.push(performance.now() - compileStart);
    }
    times.push({
      bytes: bytes.length,
      rewrittenBytes: rewritten.length,
      firstMs: spreadOf(firstMs),
      againMs: spreadOf(againMs),
      compileMs: spreadOf(compileMs),
    });
  }
  return times;
}

async function rewriteInThread(bytes: Uint8Array): Promise<number> {
  const worker = new Worker(new URL("../contenders/rewrite-once.js", import.meta.url), {
    workerData: { bytes, options },
  });
  const [ms] = (await once(worker, "message")) as [number];
  await worker.terminate();
  return ms;
}

const works: readonly {
  readonly work: string;
  readonly file: string;
  readonly parameters?: ChainStep["parameters"];
}[] = [
  {
    work: "json-filter (AssemblyScript)",
    file: guestFile.jsonFilter,
    parameters: { field: "level", operator: "==", value: "error" },
  },
  {
    work: "json-pick (AssemblyScript)",
    file: guestFile.jsonPick,
    parameters: { fields: JSON.stringify({ service: "service", status: "status" }) },
  },
  { work: "serde_json (Rust)", file: guestFile.serdeFilter },
  { work: "search for bytes (C, SIMD)", file: guestFile.search },
];

async function measureMetering(
  rounds: number,
  progress: (line: string) => void,
): Promise<readonly MeterPrice[]> {
  const frame = frameOf(logRecords(batchRecords, recordBytes));
  const prices: MeterPrice[] = [];
  for (const { work, file, parameters } of works) {
    progress(`metering, ${work}`);
    const open = async (fuel: boolean): Promise<Chain> =>
      openChain([{ module: await loadModuleFile(file, { fuel }), parameters }], {
        now: () => performance.now(),
      });
    const [free, metered] = [await open(false), await open(true)];
    // Until the platform has compiled what is called often.
    for (let i = 0; i < warmUps; i++) for (const chain of [free, metered]) quickestPass(chain, frame);
    const compared = await compare(
      [
        { name: "without a meter", run: () => quickestPass(free, frame) },
        { name: "with a meter", run: () => quickestPass(metered, frame) },
      ],
      { rounds, units: batchRecords },
    );
    const { fuel = 0, records = 1 } = metered.transforms[0]?.counts ?? {};
    prices.push({ work, fuelPerRecord: Math.round(fuel / records), ...compared });
  }
  return prices;
}

const warmUps = 20;

/** The quickest of some passes over the frame: what others do on the machine makes passes slower, and none quicker. */
function quickestPass(chain: Chain, frame: Frame): Measured {
  const counts = chain.transforms[0]?.counts;
  if (counts === undefined) throw new Error("a chain of one module has one transform");
  const batch = Batch.of(frame);
  let ms = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < passes; pass++) {
    const before = counts.guestMs;
    batch.load(frame);
    chain.process(batch);
    ms = Math.min(ms, counts.guestMs - before);
  }
  return { ms, result: batch.count };
}
