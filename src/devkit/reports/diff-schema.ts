import { z } from "zod";

const count = z.int().min(0);

const module = z.strictObject({
  name: z.string().describe("What it is called, with what tells it from the other one."),
  file: z.string().describe("Path of the module."),
  sha256: z.string().describe("Of the module's file, in hex."),
  abi: z.string().describe("The ABI that it has."),
  kind: z.string().describe("Kind of the module, such as `filter`."),
  parameters: z.record(z.string(), z.string()).describe("What it was started with."),
});

const oldAndNew = z.strictObject({
  old: z.number().min(0).describe("Of the old version."),
  new: z.number().min(0).describe("Of the new version."),
  ratio: z.number().nullable().describe("The new one divided by the old one; null where the old one is 0."),
});

const spread = z.strictObject({
  low: z.number().describe("The 10th percentile over the rounds."),
  median: z.number().describe("The median."),
  high: z.number().describe("The 90th percentile."),
});

export const diffReport = z.strictObject({
  old: module.describe("The old version."),
  new: module.describe("The new version."),
  records: count.describe("Records that were compared."),
  batches: count.describe("Batches that they came in."),
  same: z.boolean().describe("Whether the same comes of each record."),
  counts: z
    .strictObject({
      same: count.describe("The same comes of them."),
      added: count.describe("Something comes of them, and nothing did."),
      dropped: count.describe("Nothing comes of them any more."),
      changed: count.describe("Something else comes of them."),
      failsNow: count.describe("They fail, and did not."),
      failsNoLonger: count.describe("They failed, and do not any more."),
      failsOtherwise: count.describe("They fail with another code or text."),
    })
    .describe("Records by what is other about them; together as many as were compared."),
  output: z
    .enum(["same", "other order", "other records"])
    .describe("All that comes out, as a list; `other order`: the same records in another order."),
  failures: z
    .array(
      z.strictObject({
        code: z.string().describe("Code of the failure."),
        old: count.describe("Records that failed with it in the old version."),
        new: count.describe("Records that failed with it in the new version."),
      }),
    )
    .describe("Records that failed, by code."),
  differences: z
    .array(
      z.strictObject({
        record: count.describe("Index of the record among those that were compared."),
        kind: z
          .enum(["added", "dropped", "changed", "failsNow", "failsNoLonger", "failsOtherwise"])
          .describe("As in `counts`."),
        part: z
          .enum(["fate", "failure", "count", "order", "value", "key", "timestamp", "headers"])
          .describe("What differs first."),
        byte: count
          .nullable()
          .describe("First byte of the part that differs; null for parts that are no bytes."),
        input: z.string().describe("The record that went in, as text."),
        diff: z
          .array(
            z.strictObject({
              sign: z
                .enum(["-", "+", " "])
                .describe("`-` of the old version, `+` of the new one, a blank of both."),
              text: z.string().describe("The line."),
            }),
          )
          .describe("What comes of it, line by line."),
      }),
    )
    .describe("The first differences, as many as `--shown` says."),
  fuelPerRecord: oldAndNew.describe("Instructions for each record, on average."),
  memoryBytes: oldAndNew.describe("The most that the module's memory had after a batch."),
  time: z
    .strictObject({
      batchRecords: count.describe("Records of a batch."),
      rounds: count.describe("Parts that the time was cut into."),
      oldNsPerRecord: spread.describe("Nanoseconds for a record of the old version."),
      newNsPerRecord: spread.describe("Nanoseconds for a record of the new version."),
      speed: z
        .strictObject({
          ratio: z.number().nullable().describe("Above 1, the new version is faster."),
          low: z.number().nullable().describe("Lower end of the 95 % range; null where there is none."),
          high: z.number().nullable().describe("Upper end of it."),
        })
        .describe("How the new version is to the old one in speed."),
      pValue: z.number().describe("How often chance alone would give as much."),
      noiseFloor: z
        .number()
        .nullable()
        .describe("A ratio that is no further from 1 is no difference; null where it is not known."),
      verdict: z.enum(["faster", "slower", "no difference"]).describe("Of the new version."),
    })
    .nullable()
    .describe("Null where time was not measured."),
  stopped: z.boolean().describe("True where somebody ended it before all records were through."),
  notes: z.array(z.string()).describe("What one has to know beside the numbers."),
});
