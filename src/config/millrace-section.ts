import { resolve } from "node:path";
import { z } from "zod";
import type { GuestLimits, WorldOptions } from "../engine/index.ts";
import { limits } from "../limits.ts";
import { type ErrorPolicy, type ErrorWindowSize, type LastResort, lastResortOf } from "../pipeline/index.ts";
import { capturePlanOf, captureSchema } from "./capture-section.ts";
import { limitsOf, limitsSchema, warnOfDeadline } from "./guest-limits.ts";
import type { CapturePlan, Isolation } from "./plan.ts";
import type { Report } from "./report.ts";
import { check } from "./schema/check.ts";
import { countUpTo, errorPolicySchema, lastResortSchema, sizeUpTo } from "./schema/scalars.ts";
import { locate, type MapNode } from "./yaml/node.ts";

export const sectionSchema = z.strictObject({
  "topic-folder": z
    .string("expected the path of a folder")
    .min(1, "expected the path of a folder")
    .optional()
    .describe("Folder that keeps the topics; a relative one counts from the config."),
  "module-folder": z
    .string("expected the path of a folder")
    .min(1, "expected the path of a folder")
    .optional()
    .describe(
      "Folder that keeps the modules which are called by name; a relative one counts from the config.",
    ),
  extract: z
    .unknown()
    .optional()
    .describe(
      "How an inbound connector takes records out of what it reads; each connector has its own ways.",
    ),
  onError: errorPolicySchema
    .prefault("fail")
    .describe(
      "What happens to a record that a step, the source or the sink refuses: `fail` ends the pipeline before it, " +
        "`skip` leaves it out, `dead-letter` keeps it with its cause in a topic, `retry` hands it to the sink again; " +
        "each of them can say otherwise.",
    ),
  source: z
    .strictObject({
      onError: lastResortSchema("a source that reads a record again gets the same one")
        .optional()
        .describe("What happens to what the source cannot make a record of."),
    })
    .optional()
    .describe("What is special about the source."),
  sink: z
    .strictObject({
      onError: errorPolicySchema.optional().describe("What happens to a record that the sink refuses."),
    })
    .optional()
    .describe("What is special about the sink."),
  "dead-letter-topic": z
    .string("expected the name of a topic")
    .min(1, "expected the name of a topic")
    .optional()
    .describe("Topic of the dead letters; without it the pipeline's name and `-dead-letters`."),
  "error-window": z
    .strictObject({
      records: countUpTo("errorWindowRecordsMax", { of: "records" }).describe(
        "How many of the last records are looked at.",
      ),
      failures: z.int().min(0).describe("How many of them may fail; one more stops the pipeline."),
    })
    .optional()
    .describe("Stops the pipeline when too many records fail, whatever happens to each of them."),
  "batch-bytes": sizeUpTo("batchBytes")
    .optional()
    .describe("Wished size of a batch, 1 MiB where nothing says otherwise."),
  "batch-records": countUpTo("batchRecordsMax", { of: "records" })
    .default(limits.batchRecordsMax.default)
    .describe(
      "Most records of a batch that a source makes; batches that come from a topic are those that were stored in it.",
    ),
  "frames-in-flight": countUpTo("framesInFlightMax", { of: "batches" })
    .default(limits.framesInFlightMax.default)
    .describe(
      "Batches that are between source and sink at once; each takes some times `batch-bytes` of memory.",
    ),
  isolation: z
    .enum(["thread", "inline"], 'expected "thread" or "inline"')
    .default("thread")
    .describe(
      "Where the modules run: `thread` in a thread of their own, beside reading and writing; `inline` in the pipeline's.",
    ),
  wasi: z
    .enum(["own", "wasmer"], 'expected "own" or "wasmer"')
    .default("own")
    .describe(
      "What gives modules their imports of WASI: `own`, or the package `@wasmer/wasi`, which is installed beside Millrace. " +
        "Neither gives files, a network or an environment.",
    ),
  deterministic: z
    .boolean()
    .default(false)
    .describe(
      "Gives modules a clock that shows the time of the records, and random bytes from a seed, so that each run is the same.",
    ),
  capture: captureSchema
    .optional()
    .describe(
      "Keeps what the steps do in a file, for `millrace replay`. The modules run on the pipeline's thread then.",
    ),
  limits: limitsSchema
    .optional()
    .describe("What bounds the modules; a step can have limits of its own, which go before."),
});

/** The section that is ours. */
export interface MillraceSection {
  readonly topicFolder: string | undefined;
  readonly moduleFolder: string | undefined;
  readonly onError: ErrorPolicy;
  readonly onSourceError: LastResort;
  readonly onSinkError: ErrorPolicy;
  readonly deadLetterTopic: string | undefined;
  readonly errorWindow: ErrorWindowSize | undefined;
  /** Undefined where nothing is said of it. */
  readonly batchBytes: number | undefined;
  readonly batchRecords: number;
  readonly framesInFlight: number;
  readonly isolation: Isolation;
  readonly world: WorldOptions;
  readonly capture: CapturePlan | undefined;
  readonly limits: GuestLimits;
}

/**
 * Reads `millrace:`. No file written for Fluvio has it, so an unknown key is a mistake. Keys are written as Fluvio's
 * are, with hyphens, except `onError`, which is also a key of the steps.
 */
export function readMillraceSection(root: MapNode, folder: string, report: Report): MillraceSection {
  const section = check(sectionSchema, root, ["millrace"], { unknownKeys: "refuse", absent: {}, report });
  if (section?.wasi === "wasmer" && section.deterministic) {
    report.error(
      locate(root, ["millrace", "deterministic"]).place,
      "millrace.deterministic: the back end `wasi: wasmer` has no clock that shows the records' time",
      "leave out one of the two",
    );
  }
  const isolation = section?.isolation ?? "thread";
  warnOfDeadline(root, ["millrace"], isolation, report);
  const topicFolder = section?.["topic-folder"];
  const moduleFolder = section?.["module-folder"];
  const onError = section?.onError ?? "fail";
  return {
    topicFolder: topicFolder === undefined ? undefined : resolve(folder, topicFolder),
    moduleFolder: moduleFolder === undefined ? undefined : resolve(folder, moduleFolder),
    onError,
    onSourceError: section?.source?.onError ?? lastResortOf(onError),
    onSinkError: section?.sink?.onError ?? onError,
    deadLetterTopic: section?.["dead-letter-topic"],
    errorWindow: section?.["error-window"],
    batchBytes: section?.["batch-bytes"],
    batchRecords: section?.["batch-records"] ?? limits.batchRecordsMax.default,
    framesInFlight: section?.["frames-in-flight"] ?? limits.framesInFlightMax.default,
    isolation,
    world: { wasi: section?.wasi ?? "own", deterministic: section?.deterministic ?? false },
    capture: capturePlanOf(section?.capture, folder),
    limits: limitsOf(section?.limits),
  };
}
