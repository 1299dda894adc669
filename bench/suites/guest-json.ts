import { type Chain, type ChainStep, openChain } from "../../src/engine/index.ts";
import { loadModuleFile } from "../../src/modules/index.ts";
import { Batch, type Frame, frameOf } from "../../src/record/index.ts";
import { type Comparison, compare, type Measured, timed } from "../compare.ts";
import { guestFile } from "../guests/guest-files.ts";
import { logRecords } from "../log-records.ts";
import { comparisonTable } from "../report/tables.ts";
import type { Suite } from "../suite.ts";

export const guestJsonSuite: Suite = {
  name: "guest-json",
  summary: "JSON in AssemblyScript modules against JSON.parse",
  minutes: 2,
  async run({ rounds, progress }) {
    const results = await measureGuestJson(rounds, progress);
    const tables = ["read one field", "pick two fields"].map((work) => {
      const own = results.filter((result) => result.work === work);
      return `## ${work}\n\n${comparisonTable(
        "record",
        own.map((result) => ({ label: `${result.recordBytes} B`, ...result })),
      )}\n`;
    });
    const markdown = `The module's own time, without the host's, in batches of about 1 MiB; JavaScript has its records as strings already.
The field stands after the first third of a record.

${tables.join("\n")}`;
    return { data: results, markdown };
  },
};

/** A module's own time against plain JavaScript that does the same with the same records, which it has as texts already. */
interface GuestComparison extends Comparison {
  readonly work: string;
  readonly recordBytes: number;
}

const recordSizes = [100, 200, 1024, 10_240];
const batchBytes = 1024 * 1024;
/** Bytes that one run sends through. */
const runBytes = 16 * 1024 * 1024;

interface LogRecord {
  readonly level: string;
  readonly service: string;
  readonly status: number;
}

const readField: ChainStep["parameters"] = { field: "level", operator: "==", value: "error" };
const pickFields: ChainStep["parameters"] = {
  fields: JSON.stringify({ service: "service", status: "status" }),
};

/** One JSON field read and compared; and two fields picked into a new object. */
async function measureGuestJson(
  rounds: number,
  progress: (line: string) => void,
): Promise<readonly GuestComparison[]> {
  const filter = await loadModuleFile(guestFile.jsonFilter);
  const pick = await loadModuleFile(guestFile.jsonPick);
  const results: GuestComparison[] = [];
  for (const recordBytes of recordSizes) {
    const texts = logRecords(Math.ceil(batchBytes / recordBytes), recordBytes);
    const frame = frameOf(texts);
    const passes = Math.ceil(runBytes / frame.bytes.length);
    const units = passes * texts.length;
    const repeat = (work: (text: string) => number): (() => Measured) => {
      return () =>
        timed(() => {
          let result = 0;
          for (let pass = 0; pass < passes; pass++) for (const text of texts) result += work(text);
          return result;
        });
    };

    progress(`one JSON field, ${recordBytes} B`);
    const filtering = await openChain([{ module: filter, parameters: readField }], {
      now: () => performance.now(),
    });
    const read = await compare(
      [
        {
          name: "json-filter, time in the module",
          run: () => guestTime(filtering, frame, passes, (batch) => batch.count),
        },
        {
          name: "JSON.parse and a comparison",
          run: repeat((text) => ((JSON.parse(text) as LogRecord).level === "error" ? 1 : 0)),
        },
      ],
      { rounds, units },
    );
    results.push({ work: "read one field", recordBytes, ...read });

    progress(`projection, ${recordBytes} B`);
    const picking = await openChain([{ module: pick, parameters: pickFields }], {
      now: () => performance.now(),
    });
    const projected = await compare(
      [
        { name: "json-pick, time in the module", run: () => guestTime(picking, frame, passes, valueBytes) },
        {
          name: "JSON.parse, pick, JSON.stringify",
          run: repeat((text) => {
            const { service, status } = JSON.parse(text) as LogRecord;
            return JSON.stringify({ service, status }).length;
          }),
        },
      ],
      { rounds, units },
    );
    results.push({ work: "pick two fields", recordBytes, ...projected });
  }
  return results;
}

/** Passes over the same frame; the result is taken from what the module left. */
function guestTime(chain: Chain, frame: Frame, passes: number, resultOf: (batch: Batch) => number): Measured {
  const counts = chain.transforms[0]?.counts;
  if (counts === undefined) throw new Error("a chain of one module has one transform");
  const batch = Batch.of(frame);
  const before = counts.guestMs;
  let result = 0;
  for (let pass = 0; pass < passes; pass++) {
    batch.load(frame);
    chain.process(batch);
    result += resultOf(batch);
  }
  return { ms: counts.guestMs - before, result };
}

function valueBytes(batch: Batch): number {
  const { values } = batch.columns;
  let total = 0;
  for (let i = 1; i < batch.count * 2; i += 2) total += values[i] as number;
  return total;
}
