import type { JsonSchema } from "../../config/index.ts";
import {
  count,
  described,
  envelope,
  list,
  mapOf,
  number,
  object,
  orNull,
  text,
  truth,
} from "../json-shape.ts";

const spread = described("Over the rounds: the 10th percentile, the median and the 90th.", {
  ...object({ low: number, median: number, high: number }),
});
/** No range where the rounds are too few for one, which JSON can only say with null. */
const ratio = { ratio: number, low: orNull(number), high: orNull(number) };

const module = object({
  name: text,
  file: text,
  sha256: { type: "string", pattern: "^[0-9a-f]{64}$" },
  bytes: count,
  abi: text,
  kind: text,
  parameters: mapOf(text),
  fuel: described("Whether instructions are counted.", truth),
});

const figures = object({
  recordsPerSecond: spread,
  megabytesPerSecond: described("Of values, in millions of bytes.", spread),
  nsPerRecord: spread,
  hostNsPerRecord: described("Outside of the module, measured with a clock in between.", spread),
  guestNsPerRecord: described("In the module, measured with a clock in between.", spread),
  partsToWhole: described("Host and module together, divided by the whole that was measured apart.", number),
  batchMs: object({ p50: number, p99: number, p999: number, max: number }),
  batchQuantiles: list(object({ share: number, ms: number })),
  firstBatchMs: described("Of a new instance of a module that is known already.", spread),
  instantiateMs: spread,
  cold: described(
    "Of a module that the platform has not seen before.",
    object({ compileMs: number, instantiateMs: number, firstBatchMs: number }),
  ),
  fuelPerRecord: described("Instructions, the same on each machine; 0 without a meter.", number),
  copiesPerRecord: described("Bytes moved in and out for each byte of the values.", number),
  guestMemoryBytes: count,
  memory: list(object({ records: count, guestBytes: count, processBytes: count })),
  outcome: object({
    records: count,
    kept: count,
    replaced: count,
    expanded: count,
    dropped: count,
    failed: count,
    renewals: count,
  }),
});

const comparison = object({
  module: described("Index of the module that is compared with the first one.", count),
  ...ratio,
  pValue: described("With all comparisons of the call counted (Holm).", number),
  verdict: { enum: ["faster", "slower", "no difference"] },
});

const measuredCase = object({
  batchRecords: count,
  valueBytes: number,
  rounds: count,
  batchesPerRound: count,
  figures: described("Of each module, in their order.", list(figures)),
  noise: described("The first module against itself.", object(ratio)),
  noiseFloor: described("A ratio that is no further from 1 is no difference.", orNull(number)),
  comparisons: list(comparison),
});

/** What `bench --json` prints. */
export function benchSchema(): JsonSchema {
  return envelope(
    ["bench"],
    object({
      machine: object({ node: text, v8: text, platform: text, processor: text, cores: count }),
      modules: list(module),
      cases: list(measuredCase),
      stopped: truth,
      files: object({
        report: orNull(text),
        profile: orNull(text),
        flameGraph: orNull(text),
        baseline: orNull(text),
      }),
    }),
  );
}
