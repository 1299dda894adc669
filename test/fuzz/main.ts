import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type Fuzzed, fuzz, inputOf } from "./run.ts";
import type { FuzzTarget } from "./target.ts";
import { targets } from "./targets.ts";

/** What a thread is given: it tries one target, and writes down which input it is at. */
interface Work {
  readonly target: string;
  readonly seed: number;
  readonly count: number;
  readonly untilMs: number;
  readonly at: SharedArrayBuffer;
}

/** An input that takes longer than this hangs: the slowest take a second or two on a busy machine. */
const inputMsMax = 60_000;
const findingsFolder = "test/fuzz/findings";

if (isMainThread) process.exitCode = await main();
else await work(workerData as Work);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "1" },
      seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
      count: { type: "string", default: "Infinity" },
      target: { type: "string", multiple: true },
      replay: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const chosen = targets.filter(({ name }) => values.target?.includes(name) ?? true);
  const unknown = values.target?.filter((name) => !targets.some((target) => target.name === name)) ?? [];
  const [minutes, seed, count] = [values.minutes, values.seed, values.count].map(Number) as [
    number,
    number,
    number,
  ];
  if (values.help || unknown.length > 0 || !(minutes > 0) || !(count > 0) || !Number.isSafeInteger(seed)) {
    console.log("npm run fuzz -- [--target NAME] [--minutes 1] [--seed N] [--count N] [--replay FILE]\n");
    for (const { name, law } of targets) console.log(`  ${name.padEnd(14)} ${law}`);
    if (unknown.length > 0) console.error(`\nno target is called ${unknown.join(", ")}`);
    return values.help ? 0 : 2;
  }
  if (values.replay !== undefined) return replay(chosen, values.replay);
  console.log(`seed ${seed}, ${minutes} minutes for ${chosen.length} targets`);
  let hasFound = false;
  for (const target of chosen) {
    const ms = (minutes * 60_000) / chosen.length;
    const { executions, found } = await inThread(target, { seed, count, ms });
    console.log(
      `${target.name.padEnd(14)} ${String(executions).padStart(9)} inputs, ${found ? "BROKEN" : "held"}`,
    );
    if (found === undefined) continue;
    hasFound = true;
    console.log(
      `\n  law: ${target.law}\n  input ${found.index} of seed ${seed}, in ${save(target, found.input)}`,
    );
    console.log(`  ${found.problem.replaceAll("\n", "\n  ")}\n`);
  }
  return hasFound ? 1 : 0;
}

/** Tries a target in a thread, which can be ended where an input makes it hang. */
async function inThread(
  target: FuzzTarget,
  { seed, count, ms }: { readonly seed: number; readonly count: number; readonly ms: number },
): Promise<Fuzzed> {
  const at = new SharedArrayBuffer(4);
  const view = new Int32Array(at);
  const data: Work = { target: target.name, seed, count, untilMs: Date.now() + ms, at };
  const worker = new Worker(new URL(import.meta.url), { workerData: data });
  return new Promise((resolve, reject) => {
    let seen = -1;
    let sinceMs = Date.now();
    const watch = setInterval(async () => {
      const index = Atomics.load(view, 0);
      if (index !== seen) sinceMs = Date.now();
      seen = index;
      if (Date.now() - sinceMs < inputMsMax) return;
      clearInterval(watch);
      await worker.terminate();
      const input = inputOf(await target.prepare(), seed, index);
      resolve({
        executions: index,
        found: { index, input, problem: `it has not ended after ${inputMsMax} ms` },
      });
    }, 1000);
    worker.once("message", (fuzzed: Fuzzed) => {
      clearInterval(watch);
      resolve(fuzzed);
    });
    worker.once("error", (error) => {
      clearInterval(watch);
      reject(error);
    });
  });
}

async function work({ target: name, seed, count, untilMs, at }: Work): Promise<void> {
  const target = targets.find((each) => each.name === name) as FuzzTarget;
  const view = new Int32Array(at);
  const fuzzed = await fuzz(target, {
    seed,
    from: 0,
    goesOn: (done) => done < count && (done === 0 || Date.now() < untilMs),
    onInput: (index) => Atomics.store(view, 0, index),
  });
  parentPort?.postMessage(fuzzed);
}

/** Keeps an input, so that it can be tried again and becomes a test. */
function save({ name }: FuzzTarget, input: Uint8Array): string {
  const folder = join(findingsFolder, name);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${createHash("sha256").update(input).digest("hex").slice(0, 12)}.bin`);
  writeFileSync(file, input);
  return file;
}

async function replay(chosen: readonly FuzzTarget[], file: string): Promise<number> {
  const target = chosen.find(({ name }) => file.includes(`/${name}/`)) ?? chosen[0];
  const prepared = await (target as FuzzTarget).prepare();
  await prepared.check(new Uint8Array(readFileSync(file)));
  console.log(`${target?.name}: held`);
  return 0;
}
