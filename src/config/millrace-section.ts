import { resolve } from "node:path";
import { z } from "zod";
import type { GuestLimits } from "../engine/index.ts";
import { limits } from "../limits.ts";
import type { ErrorPolicy } from "../pipeline/index.ts";
import { limitsOf, limitsSchema } from "./guest-limits.ts";
import type { Isolation } from "./plan.ts";
import type { Report } from "./report.ts";
import { check } from "./schema/check.ts";
import { errorPolicySchema, sizeSchema } from "./schema/scalars.ts";
import type { MapNode } from "./yaml/node.ts";

export const sectionSchema = z.strictObject({
  "topic-folder": z
    .string("expected the path of a folder")
    .min(1, "expected the path of a folder")
    .optional()
    .describe("Folder that keeps the topics; a relative one counts from the config."),
  extract: z
    .unknown()
    .optional()
    .describe(
      "How an inbound connector takes records out of what it reads; each connector has its own ways.",
    ),
  onError: errorPolicySchema
    .default("fail")
    .describe(
      "What happens to a record that a step, the source or the sink refuses; a step can say otherwise.",
    ),
  "batch-bytes": sizeSchema
    .pipe(z.number().min(1).max(limits.frameBytesMax.default))
    .default(limits.batchBytes.default)
    .describe("Wished size of a batch."),
  isolation: z
    .enum(["thread", "inline"], 'expected "thread" or "inline"')
    .default("thread")
    .describe(
      "Where the modules run: `thread` in a thread of their own, beside reading and writing; `inline` in the pipeline's.",
    ),
  limits: limitsSchema
    .optional()
    .describe("What bounds the modules; a step can have limits of its own, which go before."),
});

/** The section that is ours. */
export interface MillraceSection {
  readonly topicFolder: string | undefined;
  readonly onError: ErrorPolicy;
  readonly batchBytes: number;
  readonly isolation: Isolation;
  readonly limits: GuestLimits;
}

/**
 * Reads `millrace:`. No file written for Fluvio has it, so an unknown key is a mistake. Keys are written as Fluvio's
 * are, with hyphens, except `onError`, which is also a key of the steps.
 */
export function readMillraceSection(root: MapNode, folder: string, report: Report): MillraceSection {
  const section = check(sectionSchema, root, ["millrace"], { unknownKeys: "refuse", absent: {}, report });
  const topicFolder = section?.["topic-folder"];
  return {
    topicFolder: topicFolder === undefined ? undefined : resolve(folder, topicFolder),
    onError: section?.onError ?? "fail",
    batchBytes: section?.["batch-bytes"] ?? limits.batchBytes.default,
    isolation: section?.isolation ?? "thread",
    limits: limitsOf(section?.limits),
  };
}
