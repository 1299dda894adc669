import { openChain } from "../../src/engine/index.ts";
import { loadModuleFile } from "../../src/modules/index.ts";
import { Batch, frameOf, frameOfLines, linesAt } from "../../src/record/index.ts";
import { type Comparison, compare, timed } from "../compare.ts";
import { guestFile } from "../guests/guest-files.ts";
import { logRecords } from "../log-records.ts";
import { comparisonTable } from "../report/tables.ts";
import type { Suite } from "../suite.ts";

export const chainSuite: Suite = {
  name: "chain",
  summary: "three modules in a row against three JavaScript functions",
  minutes: 2,
  async run({ rounds, progress }) {
    const results = await measureChain(rounds, progress);
    const markdown = `json-filter, json-filter, json-pick over chunks of 1 MiB of lines, splitting and copying in included, against the same three
steps as JavaScript functions: once each on the text of a record, as modules are, so that they can be put together in any way; and once all on
objects between one JSON.parse and one JSON.stringify, which only works where one program has all three.

${comparisonTable(
  "record",
  results.map((result) => ({ label: `${result.recordBytes} B`, ...result })),
)}
`;
    return { data: results, markdown };
  },
};

interface ChainComparison extends Comparison {
  readonly recordBytes: number;
}

const recordSizes = [100, 200, 1024, 10_240];
const batchBytes = 1024 * 1024;
const runBytes = 16 * 1024 * 1024;

interface LogRecord {
  readonly level: string;
  readonly status: number;
  readonly service: string;
}

/**
 * Three steps over a chunk of lines, to the bytes of the lines that come out: keep what is no debug message, keep what has a status, pick two
 * fields.
 */
async function measureChain(
  rounds: number,
  progress: (line: string) => void,
): Promise<readonly ChainComparison[]> {
  const filter = await loadModuleFile(guestFile.jsonFilter);
  const pick = await loadModuleFile(guestFile.jsonPick);
  const results: ChainComparison[] = [];
  for (const recordBytes of recordSizes) {
    progress(`chain of three, ${recordBytes} B`);
    const chunk = Buffer.from(`${logRecords(Math.ceil(batchBytes / recordBytes), recordBytes).join("\n")}\n`);
    const passes = Math.ceil(runBytes / chunk.length);
    const recordCount = frameOfChunk(Batch.of(frameOf([])), chunk);
    const chain = await openChain([
      { module: filter, parameters: { field: "level", operator: "!=", value: "debug" } },
      { module: filter, parameters: { field: "status", operator: ">=", value: "200" } },
      { module: pick, parameters: { fields: JSON.stringify({ service: "service", status: "status" }) } },
    ]);
    const batch = new Batch();
    const isLoud = (record: LogRecord): boolean => record.level !== "debug";
    const hasStatus = (record: LogRecord): boolean => record.status >= 200;
    const picked = ({ service, status }: LogRecord): unknown => ({ service, status });
    const comparison = await compare(
      [
        {
          name: "three packed modules",
          run: () =>
            timed(() => {
              let result = 0;
              for (let pass = 0; pass < passes; pass++) {
                frameOfChunk(batch, chunk);
                chain.process(batch);
                const { values } = batch.columns;
                for (let i = 1; i < batch.count * 2; i += 2) result += (values[i] as number) + 1;
                batch.release();
              }
              return result;
            }),
        },
        {
          name: "three JavaScript functions on texts",
          run: () =>
            timed(() => {
              let result = 0;
              for (let pass = 0; pass < passes; pass++) {
                const texts = chunk.toString().trimEnd().split("\n");
                const lines = texts
                  .filter((text) => isLoud(JSON.parse(text) as LogRecord))
                  .filter((text) => hasStatus(JSON.parse(text) as LogRecord))
                  .map((text) => JSON.stringify(picked(JSON.parse(text) as LogRecord)));
                result += Buffer.byteLength(`${lines.join("\n")}\n`);
              }
              return result;
            }),
        },
        {
          name: "three JavaScript functions on one parsed object",
          run: () =>
            timed(() => {
              let result = 0;
              for (let pass = 0; pass < passes; pass++) {
                const records = chunk
                  .toString()
                  .trimEnd()
                  .split("\n")
                  .map((line) => JSON.parse(line) as LogRecord);
                const lines = records
                  .filter(isLoud)
                  .filter(hasStatus)
                  .map(picked)
                  .map((each) => JSON.stringify(each));
                result += Buffer.byteLength(`${lines.join("\n")}\n`);
              }
              return result;
            }),
        },
      ],
      { rounds, units: passes * recordCount },
    );
    results.push({ recordBytes, ...comparison });
  }
  return results;
}

/** A chunk as a source reads it: the bytes are put into the batch's buffer and split there. Returns the number of records. */
function frameOfChunk(batch: Batch, chunk: Uint8Array): number {
  const { buffer } = batch;
  buffer.reset();
  buffer.used = linesAt;
  buffer.reserve(chunk.length);
  buffer.bytes.set(chunk, linesAt);
  const { frame } = frameOfLines(buffer, linesAt + chunk.length);
  batch.start(frame);
  return frame.recordCount;
}
