import { z } from "zod";
import {
  durationExamples,
  durationPattern,
  parseDurationMs,
  parseSizeBytes,
  sizeExamples,
  sizeText,
} from "../../base/index.ts";
import { limits } from "../../limits.ts";
import type { ErrorPolicy, LastResort } from "../../pipeline/index.ts";
import { type BoundName, bounds } from "../bounds.ts";

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

/** A size of at least one byte, up to the most that the limit may be set to. */
export function sizeUpTo(limit: BoundName) {
  const { most, reason } = bounds[limit];
  return sizeSchema.pipe(
    z
      .number()
      .min(1)
      .max(most, `expected at most ${sizeText(most)} (${reason})`),
  );
}

/**
 * A whole number up to the most that the limit may be set to.
 * @param words `least`: the least that it may be, 1 where it is absent; `of`: what is counted
 */
export function countUpTo(limit: BoundName, { least = 1, of = "" } = {}) {
  const { most, reason } = bounds[limit];
  const whatElse = of === "" ? "a whole number" : `a whole number of ${of}`;
  const tooLarge = `expected at most ${most} (${reason})`;
  return z
    .int({
      error({ code, input }) {
        // What is too large to be exact comes as a BigInt.
        if ((typeof input === "number" || typeof input === "bigint") && input > most) return tooLarge;
        return code === "invalid_type" ? `expected ${whatElse}` : undefined;
      },
    })
    .min(least)
    .max(most, tooLarge);
}

/** A duration of `leastMs` or more, up to the most that the limit may be set to. */
export function durationUpTo(limit: BoundName, leastMs = 0) {
  const { most, reason } = bounds[limit];
  return durationSchema.pipe(
    z
      .number()
      .min(leastMs, `expected a duration of ${leastMs}ms or more`)
      .max(most, `expected at most ${most / 3_600_000}h (${reason})`),
  );
}

const lastResorts = ["fail", "skip", "dead-letter"] as const;

/**
 * What happens to a record that fails where trying again cannot help.
 * @param because why it cannot, for those who write `retry` there
 */
export function lastResortSchema(because: string): z.ZodType<LastResort> {
  return z.enum(lastResorts, {
    // Without words of its own, a problem gets those of every other choice.
    error: ({ input }) => (isRetry(input) ? `\`retry\` is for the sink: ${because}` : undefined),
  });
}

function isRetry(input: unknown): boolean {
  return input === "retry" || (typeof input === "object" && input !== null && "retry" in input);
}

/** `onError: { retry: … }`. */
export const retrySchema = z.strictObject({
  attempts: countUpTo("refusedAttempts", { least: 2 })
    .default(limits.refusedAttempts.default)
    .describe("How often a record is handed over in all, the first time included."),
  backoff: durationUpTo("retryFirstDelayMsMax")
    .optional()
    .describe(
      "Longest delay before the second attempt, 500ms where it is absent; it doubles with each further one.",
    ),
  "backoff-max": durationUpTo("retryDelayMsMax")
    .optional()
    .describe("Longest delay of all, 60s where it is absent."),
  // biome-ignore lint/suspicious/noThenProperty: a key of the config, which reads as a sentence
  then: z.enum(lastResorts).default("fail").describe("What happens when the last attempt fails too."),
});

/** What happens to a record that fails; `retry` in its short form has all defaults. */
export const errorPolicySchema: z.ZodType<ErrorPolicy, string | object> = z
  .union([
    z.enum([...lastResorts, "retry"]),
    z.strictObject({ retry: retrySchema.describe("To hand a record that the sink refuses to it again.") }),
  ])
  .transform((given) => {
    if (typeof given === "string" && given !== "retry") return given;
    const retry = typeof given === "string" ? retrySchema.parse({}) : given.retry;
    const { attempts, backoff, "backoff-max": backoffMax, then } = retry;
    return {
      attempts,
      backoffMs: backoff ?? limits.retryFirstDelayMsMax.default,
      backoffMsMax: backoffMax ?? limits.retryDelayMsMax.default,
      lastResort: then,
    };
  });
