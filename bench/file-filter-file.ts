import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bench } from "tinybench";
import { encodeParameters } from "../src/engine/abi/packed/parameters.ts";
import { filterWithBufferSearch } from "./buffer-search.ts";
import { type Dissection, dissect } from "./dissect.ts";
import type { Job } from "./job.ts";
import { filterWithJsonParse } from "./json-parse.ts";
import { filterWithMillrace } from "./millrace.ts";
import { type Spread, spreadOf } from "./statistics.ts";
import { filterWithWasmPerRecord } from "./wasm-per-record.ts";
import { type Workload, writeWorkload } from "./workload.ts";

const modulePath = "smartmodules/assemblyscript/json-filter/json-filter.wasm";
const parameters: ReadonlyMap<string, string> = new Map([
  ["field", "level"],
  ["operator", "=="],
  ["value", "error"],
]);

/** A file system in memory, on Linux. */
const memoryFolder = "/dev/shm";

export interface Contender {
  readonly name: string;
  readonly recordsPerSecond: Spread;
  /** Time of the contender divided by the time of Millrace in the same round: above 1, Millrace is faster. */
  readonly ratio: Spread;
}

export interface FileFilterFile {
  readonly workload: Workload;
  readonly rounds: number;
  readonly contenders: readonly Contender[];
  /** Millrace against itself, in the same rounds: a ratio inside this spread is no difference. */
  readonly noise: Spread;
  readonly dissection: Dissection;
}

/** Runs all contenders in each round, in turning order, so that a drift of the machine meets all of them alike. */
export async function benchFileFilterFile(
  records: number,
  rounds: number,
  progress: (line: string) => void,
): Promise<FileFilterFile> {
  const folder = await mkdtemp(join(existsSync(memoryFolder) ? memoryFolder : tmpdir(), "millrace-bench-"));
  try {
    const workload = await writeWorkload(join(folder, "input.ndjson"), records);
    const contenders: readonly { name: string; run: (job: Job) => Promise<number> }[] = [
      { name: "millrace", run: await filterWithMillrace(modulePath, parameters) },
      { name: "millrace, again", run: await filterWithMillrace(modulePath, parameters) },
      { name: "JSON.parse in plain JavaScript", run: filterWithJsonParse },
      {
        name: "wasm called for each record",
        run: await filterWithWasmPerRecord(modulePath, encodeParameters(parameters, "json-filter")),
      },
      { name: "search in a Buffer, no parsing", run: filterWithBufferSearch },
    ];
    const times = contenders.map((): number[] => []);
    for (let round = -1; round < rounds; round++) {
      progress(round < 0 ? "warm-up" : `round ${round + 1} of ${rounds}`);
      for (let i = 0; i < contenders.length; i++) {
        const index = (i + round + 1) % contenders.length;
        const { name, run } = contenders[index] as (typeof contenders)[number];
        const output = join(folder, `output-${index}.ndjson`);
        // Cutting off what an earlier round wrote takes long, and is nobody's work.
        await rm(output, { force: true });
        const ms = await timed(name, () => run({ input: workload.path, output }), workload.matching);
        if (round >= 0) times[index]?.push(ms);
      }
    }
    const [base = [], again = []] = times;
    const ratios = (other: readonly number[]): Spread =>
      spreadOf(other.map((ms, i) => ms / (base[i] ?? Number.NaN)));
    await dissect(modulePath, parameters, { input: workload.path, output: join(folder, "dissected.ndjson") });
    return {
      workload,
      rounds,
      contenders: contenders.map(({ name }, i) => ({
        name,
        recordsPerSecond: spreadOf((times[i] ?? []).map((ms) => (workload.records / ms) * 1000)),
        ratio: ratios(times[i] ?? []),
      })),
      noise: ratios(again),
      dissection: await dissect(modulePath, parameters, {
        input: workload.path,
        output: join(folder, "dissected.ndjson"),
      }),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One timed pass, in milliseconds. A contender that gets another result than the others is no contender. */
async function timed(name: string, run: () => Promise<number>, expected: number): Promise<number> {
  let kept = -1;
  const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true });
  bench.add(name, async () => {
    kept = await run();
  });
  const [task] = await bench.run();
  if (kept !== expected) throw new Error(`${name} kept ${kept} records, ${expected} match`);
  const result = task?.result;
  if (result === undefined || !("latency" in result)) throw new Error(`${name} gave no result`);
  return result.latency.mean;
}
