import { type WasmInstance, type WasmMemory, webAssembly } from "../../src/base/index.ts";
import { openChain } from "../../src/engine/index.ts";
import { loadModuleFile } from "../../src/modules/index.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { arrays, batchRecords, type FluvioSubject, recordBytes, records } from "../fluvio-records.ts";
import { guestFile } from "../guests/guest-files.ts";
import { table } from "../report/tables.ts";
import type { Suite } from "../suite.ts";

/** Until here an instance may take what it works with. */
const settledBytes = 10e6;
/** With the usual number of rounds; others make it more or less. */
const wholeBytes = 10e9;
const usualRounds = 15;

export const fluvioMemorySuite: Suite = {
  name: "fluvio-memory",
  summary:
    "memory of unmodified modules of Fluvio's crate while 10 GB go through each (less with fewer rounds)",
  minutes: 45,
  async run({ rounds, progress }) {
    const bytesMax = (wholeBytes * rounds) / usualRounds;
    const results: GuestMemory[] = [];
    for (const subject of subjects) {
      progress(`fluvio-memory, ${subject.name}`);
      results.push(await measure(subject, bytesMax));
    }
    const markdown = `Linear memory of one instance of each module, in batches of ${batchRecords} records of ${recordBytes} B. Fluvio's own host frees no output;
with that, each would have grown by about what went through it.

${table(
  ["module", "GB gone by", "after 10 MB, KiB", "at the end, KiB", "most, KiB"],
  results.map(({ name, bytes, settled, last, most }) => [
    name,
    (bytes / 1e9).toFixed(1),
    kibibytes(settled),
    kibibytes(last),
    kibibytes(most),
  ]),
)}
`;
    return { data: results, markdown };
  },
};

interface GuestMemory {
  readonly name: string;
  /** Bytes of records that went in. */
  readonly bytes: number;
  /** Bytes of its memory: after 10 MB, at the end, and at the most. */
  readonly settled: number;
  readonly last: number;
  readonly most: number;
}

const subjects: readonly FluvioSubject[] = [
  { name: "filter of today", file: guestFile.fluvioFilter, values: records },
  { name: "filter of today, wasip1", file: "test/fixtures/fluvio/filter-wasi.wasm", values: records },
  { name: "map with serde_json", file: guestFile.fluvioJsonMap, values: records },
  { name: "array-map with serde_json", file: guestFile.fluvioArrayMap, values: arrays },
  { name: "filter of 2022", file: "test/fixtures/fluvio/old-filter.wasm", values: records },
  { name: "filter of 2021", file: "test/fixtures/fluvio/smartstream-filter.wasm", values: records },
];

async function measure({ name, file, values }: FluvioSubject, bytesMax: number): Promise<GuestMemory> {
  const module = await loadModuleFile(file);
  const [opened, { process }] = await withInstances(() => openChain([{ module }]));
  const memory = opened.exports.memory as WasmMemory;
  const batch = Batch.of(frameOf(values));
  const { frame } = batch;
  const batchBytes = values.reduce((sum, value) => sum + value.length, 0);
  let [bytes, settled, most] = [0, 0, 0];
  while (bytes < bytesMax) {
    batch.buffer.used = frame.bytes.length;
    process(batch.start(frame));
    bytes += batchBytes;
    const { byteLength } = memory.buffer;
    if (bytes - batchBytes < settledBytes) settled = byteLength;
    most = Math.max(most, byteLength);
  }
  if (batch.failures.length > 0) throw new Error(`${name}: ${batch.failures[0]?.message}`);
  return { name, bytes, settled, last: memory.buffer.byteLength, most };
}

/** The instance of a module that is made meanwhile, beside those of the host's own. */
async function withInstances<Result>(open: () => Promise<Result>): Promise<[WasmInstance, Result]> {
  const platform = webAssembly as { Instance: new (...parts: never[]) => WasmInstance };
  const { Instance } = platform;
  const made: WasmInstance[] = [];
  platform.Instance = class extends (Instance as new (...parts: unknown[]) => object) {
    constructor(...parts: unknown[]) {
      super(...parts);
      made.push(this as unknown as WasmInstance);
    }
  } as unknown as typeof Instance;
  try {
    const result = await open();
    const found = made.filter(({ exports }) => "alloc" in exports).at(-1);
    if (found === undefined) throw new Error("no module was opened");
    return [found, result];
  } finally {
    platform.Instance = Instance;
  }
}

function kibibytes(bytes: number): string {
  return (bytes / 1024).toFixed(0);
}
