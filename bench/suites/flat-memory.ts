import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { finished } from "node:stream/promises";
import { logRecords } from "../log-records.ts";
import { lineChart } from "../report/line-chart.ts";
import { table } from "../report/tables.ts";
import type { Suite } from "../suite.ts";

const inputBytes = 10e9;
/** Until here memory may grow: heaps and buffers reach their size. */
const settledBytes = 200e6;

export const flatMemorySuite: Suite = {
  name: "flat-memory",
  summary: "memory of file → topic → file while 10 GB go by",
  minutes: 5,
  async run({ folder, progress }) {
    const result = await measureFlatMemory(inputBytes, folder, progress);
    const shown = result.pipelines.map((pipeline) => ({ pipeline, ...settled(pipeline) }));
    const markdown = `Two processes, one after another, each with json-filter. Anonymous and shared resident memory of the process, which has guest
memory in it and has not the mapped pages of the topic's file.

![memory](flat-memory.svg)

${table(
  ["pipeline", "GB", "seconds", "after 200 MB, MiB", "in the last tenth, MiB", "most after 200 MB, MiB"],
  shown.map(({ pipeline, first, last, most }) => [
    pipeline.name,
    (pipeline.bytes / 1e9).toFixed(1),
    pipeline.seconds.toFixed(0),
    mebibytes(first),
    mebibytes(last),
    mebibytes(most),
  ]),
)}
`;
    const chart = lineChart(
      result.pipelines.map((pipeline) => ({
        name: pipeline.name,
        points: pipeline.samples.map(({ ms, anonymousBytes }) => ({
          x: (ms / 1000 / pipeline.seconds) * (pipeline.bytes / 1e9),
          y: anonymousBytes / 2 ** 20,
        })),
      })),
      { title: "Anonymous and shared resident memory", xLabel: "GB gone by", yLabel: "MiB" },
    );
    return { data: result, markdown, pictures: { "flat-memory.svg": chart } };
  },
};

function settled({ samples, seconds, bytes }: PipelineMemory): { first: number; last: number; most: number } {
  const from = (settledBytes / bytes) * seconds * 1000;
  const after = samples.filter(({ ms }) => ms >= from).map(({ anonymousBytes }) => anonymousBytes);
  const median = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
  const tenth = Math.max(1, Math.floor(after.length / 10));
  return {
    first: median(after.slice(0, tenth)),
    last: median(after.slice(-tenth)),
    most: Math.max(...after),
  };
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

/** Anonymous resident memory of a process that runs a pipeline, guest memory included, as its input goes by. */
interface MemorySample {
  readonly ms: number;
  readonly anonymousBytes: number;
}

interface PipelineMemory {
  readonly name: string;
  readonly seconds: number;
  readonly bytes: number;
  readonly samples: readonly MemorySample[];
}

interface FlatMemory {
  readonly bytes: number;
  readonly pipelines: readonly PipelineMemory[];
}

const sampleEveryMs = 250;
const blockRecords = 50_000;

/**
 * file → topic → file as two processes, one after another, each with json-filter in between. Linux alone tells a process's anonymous memory.
 *
 * @param folder where input, topic and output are kept meanwhile: three times `bytes` of a real disk
 */
async function measureFlatMemory(
  bytes: number,
  folder: string,
  progress: (line: string) => void,
): Promise<FlatMemory> {
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, "millrace-flat-"));
  try {
    progress("writing the input");
    await writeInput(join(work, "input.ndjson"), bytes);
    const module = resolve("smartmodules/assemblyscript/json-filter/json-filter.wasm");
    const steps = `filter: { uses: ${module}, with: { field: level, operator: "!=", value: debug } }\n`;
    await writeFile(
      join(work, "in.yaml"),
      `meta: { name: flat-in, type: file-source, topic: flat }\nfile: { path: input.ndjson }\n${steps}`,
    );
    await writeFile(
      join(work, "out.yaml"),
      `meta: { name: flat-out, type: file-sink, topic: flat }\nfile: { path: output.ndjson }\n${steps}`,
    );
    const pipelines: PipelineMemory[] = [];
    for (const [name, config] of [
      ["file → topic", "in.yaml"],
      ["topic → file", "out.yaml"],
    ] as const) {
      progress(name);
      pipelines.push({ name, bytes, ...(await watched(["run", config, "--once", "--json"], work)) });
    }
    const { size } = await stat(join(work, "output.ndjson"));
    if (size === 0) throw new Error("nothing has arrived in the output");
    return { bytes, pipelines };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function writeInput(path: string, bytes: number): Promise<void> {
  const block = Buffer.from(`${logRecords(blockRecords, 200).join("\n")}\n`);
  const file = createWriteStream(path);
  for (let written = 0; written < bytes; written += block.length) {
    if (!file.write(block)) await new Promise<void>((resume) => file.once("drain", resume));
  }
  file.end();
  await finished(file);
}

async function watched(
  args: readonly string[],
  folder: string,
): Promise<{ readonly seconds: number; readonly samples: readonly MemorySample[] }> {
  const start = performance.now();
  const child = spawn(process.execPath, [resolve("dist/bin.js"), ...args], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const samples: MemorySample[] = [];
  const timer = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
    // Shared memory of the process's own threads is not backed by a file, but is not counted as anonymous.
    const kilobytes = ["RssAnon", "RssShmem"].map((key) =>
      Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]),
    );
    const sum = kilobytes.reduce((total, each) => total + each, 0);
    if (sum > 0) samples.push({ ms: performance.now() - start, anonymousBytes: sum * 1024 });
  }, sampleEveryMs);
  const code = await new Promise<number | null>((done) => child.once("exit", done));
  clearInterval(timer);
  if (code !== 0) throw new Error(`millrace ${args.join(" ")} ended with ${code}`);
  return { seconds: (performance.now() - start) / 1000, samples };
}
