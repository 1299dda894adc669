import { z } from "zod";
import {
  durationExamples,
  durationPattern,
  parseDurationMs,
  parseSizeBytes,
  sizeExamples,
} from "../../base/index.ts";
import type { ErrorPolicy } from "../../pipeline/index.ts";

/** A size in bytes: a text such as `16 MB`, or a whole number. */
export const sizeSchema = z
  .union([z.string(), z.int().min(0)], `expected a size such as ${sizeExamples}`)
  .transform((given, context) => {
    const bytes = typeof given === "number" ? given : parseSizeBytes(given);
    if (bytes !== undefined) return bytes;
    context.addIssue(`expected a size such as ${sizeExamples}`);
    return z.NEVER;
  });

/** A duration as Fluvio reads it, zero allowed; becomes a number of milliseconds. */
export const durationSchema = z
  .string(`expected a duration such as ${durationExamples}`)
  .meta({ pattern: durationPattern })
  .transform((given, context) => {
    const ms = parseDurationMs(given);
    if (ms !== undefined) return ms;
    context.addIssue(`expected a duration such as ${durationExamples}`);
    return z.NEVER;
  });

const laterPolicies: readonly unknown[] = ["dead-letter", "retry"];

/** What happens to a record that fails. */
export const errorPolicySchema: z.ZodType<ErrorPolicy> = z.enum(["fail", "skip"], {
  // Without words of its own, a problem gets those of every other choice.
  error: ({ input }) =>
    laterPolicies.includes(input) ? `\`${input}\` is not available yet; use \`fail\` or \`skip\`` : undefined,
});
