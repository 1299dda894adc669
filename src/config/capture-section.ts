import { resolve } from "node:path";
import { z } from "zod";
import { parseShare, shareExamples } from "../base/index.ts";
import { limits } from "../limits.ts";
import type { CapturePlan } from "./plan.ts";
import { sizeSchema } from "./schema/scalars.ts";

const shareSchema = z
  .union([z.string(), z.number()], `expected a share such as ${shareExamples}`)
  .transform((given, context) => {
    const share = parseShare(String(given));
    if (share !== undefined) return share;
    context.addIssue(`expected a share such as ${shareExamples}`);
    return z.NEVER;
  });

/** `capture:` of the section `millrace:`. */
export const captureSchema = z.strictObject({
  file: z
    .string("expected the path of a file")
    .min(1, "expected the path of a file")
    .describe("File that the capture becomes at the end of each run; a relative one counts from the config."),
  records: z
    .int()
    .min(1)
    .default(limits.captureRecordsMax.default)
    .describe("Most records in it, before the first step. The run goes on without the capture then."),
  bytes: sizeSchema
    .pipe(z.number().min(1))
    .default(limits.captureBytesMax.default)
    .describe("Most bytes of the file."),
  sample: shareSchema
    .default(1)
    .describe("Share of the batches that go into it, such as `1/100`; the first one always does."),
  mask: z
    .array(z.string().regex(/^[^.]+(\.[^.]+)*$/, "expected the path of a field, such as `user.email`"))
    .default([])
    .describe(
      "Fields with private data, such as `user.email`; other values take their place in the capture.",
    ),
});

export function capturePlanOf(
  given: z.infer<typeof captureSchema> | undefined,
  folder: string,
): CapturePlan | undefined {
  if (given === undefined) return undefined;
  const { file, records, bytes, sample, mask } = given;
  return { file: resolve(folder, file), recordsMax: records, bytesMax: bytes, share: sample, mask };
}
