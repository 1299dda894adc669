import { z } from "zod";
import {
  durationExamples,
  durationPattern,
  parseDurationMs,
  parseSizeBytes,
  sizeExamples,
} from "../base/index.ts";

/** The longest time that a timer of the platform can wait; a longer one would fire at once. */
const timerMsMax = 2 ** 31 - 1;

/**
 * A duration as people write it, such as `10s` or `1h 30m`, that a timer can wait for; becomes a number of
 * milliseconds.
 */
export function durationMs(): z.ZodType<number, string> {
  const schema = z.string(`expected a duration such as ${durationExamples}`);
  return schema.meta({ pattern: durationPattern }).transform((text, context) => {
    const ms = parseDurationMs(text);
    if (ms !== undefined && ms >= 1 && ms <= timerMsMax) return ms;
    const problem =
      ms === undefined ? "is not a duration" : ms < 1 ? "is too short" : "is longer than 24 days";
    context.issues.push({
      code: "custom",
      message: `${JSON.stringify(text)} ${problem}; write it as ${durationExamples}`,
      input: text,
    });
    return z.NEVER;
  });
}

/** A size as people write it, such as `512 KiB` or a number of bytes; becomes a number of bytes. */
export function sizeBytes(): z.ZodType<number, string | number> {
  const expected = `expected a size such as ${sizeExamples}`;
  return z.union([z.string(), z.int().min(1)], expected).transform((given, context) => {
    const bytes = typeof given === "number" ? given : parseSizeBytes(given);
    if (bytes !== undefined && bytes >= 1) return bytes;
    context.addIssue(expected);
    return z.NEVER;
  });
}
