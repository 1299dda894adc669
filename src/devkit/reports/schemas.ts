import { z } from "zod";
import { type JsonSchema, jsonSchemaOf } from "../../config/index.ts";
import { diffReport } from "./diff-schema.ts";

const count = z.int().min(0);
const sha256 = z.string().describe("Of the module's file, in hex.");

const captureReport = z.looseObject({
  counts: z.record(z.string(), count).describe("As `run --json` has them, beside all else that it has."),
  capture: z
    .strictObject({
      file: z.string().describe("Absolute path of the capture."),
      written: z
        .boolean()
        .describe("False where nothing was captured, or something kept the file from being written."),
      batches: count.describe("Batches in it."),
      records: count.describe("Records in it, before the first step."),
      maskedRecords: count.describe("Those of them that the mask changed."),
      bytes: count.describe("Size of the file."),
      full: z
        .enum(["records", "bytes"])
        .nullable()
        .describe("What the capture was full of; null where it was not."),
    })
    .nullable()
    .describe("Null where the run has ended before there was anything to capture."),
});

const replayReport = z.strictObject({
  capture: z.string().describe("The file, as it was named."),
  pipeline: z.string().describe("Name of the pipeline that ran."),
  mode: z
    .enum(["same-modules", "what-if"])
    .describe(
      "`same-modules`: whether they still do the same; `what-if`: what another module, or other parameters, would do.",
    ),
  batches: count.describe("Batches that were replayed."),
  records: count.describe("Records that were replayed, before the first step."),
  complete: z.boolean().describe("False for what a crash has left of a capture."),
  same: z.boolean().describe("Whether nothing came out otherwise."),
  steps: z
    .array(
      z.strictObject({
        step: z.string().describe("Name of the step."),
        module: z.string().describe("Name of the module that was replayed."),
        sha256,
        sameModule: z.boolean().describe("Whether it is the module that was captured."),
        records: count.describe("Records that it got."),
        same: count.describe("Records of which the same comes."),
        added: count.describe("Records of which something comes, and nothing did."),
        dropped: count.describe("Records of which nothing comes any more."),
        changed: count.describe("Records of which something else comes."),
        failed: count.describe("Records that fail now."),
        fuel: count.describe("Instructions that the records took."),
      }),
    )
    .describe("The steps that were replayed."),
  differences: z
    .array(
      z.strictObject({
        batch: count.describe("Number of the batch in the run, from 0."),
        record: count.describe("Index of the record in the batch, as the step got it."),
        step: z.string().describe("Name of the step."),
        part: z
          .enum(["fate", "count", "key", "value", "timestamp", "headers", "failure"])
          .describe("What differs."),
        byte: count
          .nullable()
          .describe("First byte of the part that differs; null for parts that are no bytes."),
        captured: z.string().describe("What was captured, as text."),
        now: z.string().describe("What comes now, as text."),
      }),
    )
    .describe("The first differences."),
  notes: z.array(z.string()).describe("What may make a difference beside the modules."),
});

const fuzzReport = z.strictObject({
  module: z.string().describe("The module's file, as it was named."),
  sha256,
  kind: z.string().describe("Kind of the module, such as `filter`."),
  seed: count.describe("The same seed tries the same inputs again."),
  laws: z
    .array(
      z.strictObject({
        law: z.string().describe("Name of the law."),
        sentence: z.string().describe("What holds for every module."),
        outcome: z.enum(["held", "broken", "skipped"]).describe("How it went."),
        runs: count.describe("Inputs that were tried."),
        message: z
          .string()
          .nullable()
          .describe("How it is broken, or why it was skipped; null where it held."),
        records: z
          .array(
            z.strictObject({
              value: z.string().describe("The value."),
              encoding: z.enum(["utf-8", "base64"]).describe("How the value is written."),
              key: z.string().nullable().describe("The key, or null."),
              timestamp: z.number().nullable().describe("Milliseconds since 1970, or null."),
            }),
          )
          .describe("The smallest input that breaks it; empty where none does."),
      }),
    )
    .describe("The laws, in order."),
  saved: z
    .string()
    .nullable()
    .describe("The file of tests that what was found is in; null where nothing was."),
});

const reports = {
  "capture-report": { title: "Report of millrace capture", schema: captureReport },
  "replay-report": { title: "Report of millrace replay", schema: replayReport },
  "diff-report": { title: "Report of millrace diff", schema: diffReport },
  "fuzz-report": { title: "Report of millrace fuzz", schema: fuzzReport },
} as const;

export type ReportName = keyof typeof reports;

/** The JSON Schema of the `result` in what a command prints with `--json`. */
export function schemaOfReport(name: ReportName): JsonSchema {
  const { title, schema } = reports[name];
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title,
    ...jsonSchemaOf(schema),
  } as JsonSchema;
}
