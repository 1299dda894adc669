import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeParameters } from "../../src/engine/abi/packed/parameters.ts";
import { type Comparison, type Contender, compare } from "../compare.ts";
import { filterWithBufferSearch } from "../contenders/buffer-search.ts";
import { type Dissection, dissect } from "../contenders/dissect.ts";
import type { Job } from "../contenders/job.ts";
import { filterWithJsonParse } from "../contenders/json-parse.ts";
import { filterWithMillrace } from "../contenders/millrace.ts";
import { filterWithWasmPerRecord } from "../contenders/wasm-per-record.ts";
import { guestFile } from "../guests/guest-files.ts";
import { logRecords } from "../log-records.ts";
import { comparisonTable, table } from "../report/tables.ts";
import type { Suite, SuiteOptions } from "../suite.ts";

export const fileFilterFileSuite: Suite = {
  name: "file-filter-file",
  summary: "one pass over a file of log records, of which those of level error are kept",
  minutes: 4,
  async run(options) {
    const passes = await measurePasses(options);
    const markdown = `Files lie in memory where the system offers that. Batches of about 1 MiB; one record in five is kept.

${comparisonTable(
  "record",
  passes.map((pass) => ({ label: `${pass.recordBytes} B`, ...pass })),
)}

Where the time of one pass goes with the AssemblyScript module, its parts run one after another on one thread (in the pipeline they overlap), in
ns for each record:

${table(
  ["record", ...dissectionParts, "moves of a byte in memory"],
  passes.map(({ recordBytes, dissection }) => [
    `${recordBytes} B`,
    ...dissectionParts.map((part) => dissection[part].toFixed(1)),
    dissection.copiesPerRecord.toFixed(2),
  ]),
)}
`;
    return { data: passes, markdown };
  },
};

interface FilePass extends Comparison {
  readonly recordBytes: number;
  readonly dissection: Dissection;
}

const dissectionParts = ["read", "split", "copyIn", "guest", "gather", "write"] as const;

const recordSizes = [100, 200, 1024, 10_240];
/** Bytes of the input. */
const inputBytes = 192 * 1024 * 1024;
/** Different records, which are repeated to fill the input. */
const blockBytes = 16 * 1024 * 1024;
/** A file system in memory, on Linux. */
const memoryFolder = "/dev/shm";

const parameters: ReadonlyMap<string, string> = new Map([
  ["field", "level"],
  ["operator", "=="],
  ["value", "error"],
]);

async function measurePasses({ rounds, progress }: SuiteOptions): Promise<readonly FilePass[]> {
  const folder = await mkdtemp(join(existsSync(memoryFolder) ? memoryFolder : tmpdir(), "millrace-bench-"));
  try {
    const passes: FilePass[] = [];
    for (const recordBytes of recordSizes) {
      progress(`file to file, ${recordBytes} B`);
      const input = join(folder, "input.ndjson");
      const records = await writeInput(input, recordBytes);
      const contender = (name: string, work: (job: Job) => Promise<number>): Contender => ({
        name,
        run: async () => {
          const output = join(folder, "output.ndjson");
          // Cutting off what an earlier run wrote takes long, and is nobody's work.
          await rm(output, { force: true });
          const start = performance.now();
          const result = await work({ input, output });
          return { ms: performance.now() - start, result };
        },
      });
      const inline = await filterWithMillrace(guestFile.jsonFilter, parameters, "inline");
      const thread = await filterWithMillrace(guestFile.jsonFilter, parameters, "thread");
      const search = await filterWithMillrace(guestFile.search, new Map(), "inline");
      const comparison = await compare(
        [
          contender("Millrace, json-filter", inline.run),
          contender("the same in a guest thread", thread.run),
          contender("Millrace, search in C", search.run),
          contender("JSON.parse in plain JavaScript", filterWithJsonParse),
          contender(
            "json-filter called for each record",
            await filterWithWasmPerRecord(guestFile.jsonFilter, encodeParameters(parameters, "json-filter")),
          ),
          contender("search in a Buffer, no parsing", filterWithBufferSearch),
        ],
        { rounds, units: records },
      );
      for (const pipeline of [inline, thread, search]) await pipeline.close();
      const job = { input, output: join(folder, "dissected.ndjson") };
      await dissect(guestFile.jsonFilter, parameters, job);
      passes.push({
        recordBytes,
        ...comparison,
        dissection: await dissect(guestFile.jsonFilter, parameters, job),
      });
    }
    return passes;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes the input and gives its number of records. */
async function writeInput(path: string, recordBytes: number): Promise<number> {
  const records = logRecords(Math.ceil(blockBytes / recordBytes), recordBytes);
  const block = Buffer.from(`${records.join("\n")}\n`);
  const repeats = Math.ceil(inputBytes / block.length);
  await writeFile(
    path,
    Array.from({ length: repeats }, () => block),
  );
  return records.length * repeats;
}
