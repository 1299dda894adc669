import { durationExamples, parseDurationMs, parseSizeBytes, sizeExamples } from "../../base/index.ts";
import { limits } from "../../limits.ts";
import { parseWhole, wrongValue } from "../whole-number.ts";

/** Below it, too few rounds are there for any difference to be more than chance. */
const roundsMin = 6;

/** @throws MillraceError `cli.usage`, as all of these */
export function parseBatchSizes(text: string): readonly number[] {
  const most = limits.batchRecordsMax.default;
  const sizes = text.split(",").map((each) => parseWhole(each.trim()));
  return sizes.map((size) => {
    if (size !== undefined && size >= 1 && size <= most) return size;
    throw wrongValue("--batch-size", text, `whole numbers from 1 to ${most}, such as 1,100,1000`);
  });
}

export function parseValueSizes(text: string): readonly number[] {
  const most = limits.recordBytesMax.default / 2;
  return text.split(",").map((each) => {
    const size = parseSizeBytes(each);
    if (size !== undefined && size >= 1 && size <= most) return size;
    throw wrongValue(
      "--value-size",
      text,
      `sizes up to 8 MiB, such as ${sizeExamples}, with commas between them`,
    );
  });
}

export function parseRounds(text: string): number {
  const rounds = parseWhole(text);
  const most = limits.benchRoundsMax.default;
  if (rounds !== undefined && rounds >= roundsMin && rounds <= most) return rounds;
  throw wrongValue("--rounds", text, `a whole number from ${roundsMin} to ${most}`);
}

export function parseDuration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms !== undefined && ms >= 1 && ms <= 3_600_000) return ms;
  throw wrongValue("--duration", text, `a duration of at most an hour, such as ${durationExamples}`);
}

export function parseSeed(text: string): number {
  const seed = parseWhole(text);
  if (seed === undefined) throw wrongValue("--seed", text, "a whole number from 0 on");
  return seed;
}

export function parseRatio(text: string): number {
  const ratio = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (ratio > 0) return ratio;
  throw wrongValue("--fail-under", text, "a number above 0, such as 0.95");
}

export function parseFuel(text: string): "on" | "off" {
  if (text === "on" || text === "off") return text;
  throw wrongValue("--fuel", text, "on or off");
}
