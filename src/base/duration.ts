/** Texts of durations, for messages. */
export const durationExamples = "`500ms`, `5s` or `1h 30m`";

const unitMs: ReadonlyMap<string, number> = new Map(
  [
    { ms: 1e-6, names: ["ns", "nsec", "nanos"] },
    { ms: 1e-3, names: ["us", "µs", "usec", "micros"] },
    { ms: 1, names: ["ms", "msec", "millis"] },
    { ms: 1000, names: ["s", "sec", "secs", "second", "seconds"] },
    { ms: 60_000, names: ["m", "min", "mins", "minute", "minutes"] },
    { ms: 3_600_000, names: ["h", "hr", "hrs", "hour", "hours"] },
    { ms: 86_400_000, names: ["d", "day", "days"] },
    { ms: 604_800_000, names: ["w", "wk", "wks", "week", "weeks"] },
    // The mean lengths of the Gregorian calendar, to the precision that Fluvio's parser has.
    { ms: 2_630_016_000, names: ["M", "month", "months"] },
    { ms: 31_557_600_000, names: ["y", "yr", "yrs", "year", "years"] },
  ].flatMap(({ ms, names }) => names.map((name) => [name, ms] as const)),
);

/** What every duration matches, as a regular expression for a JSON Schema. */
export const durationPattern = `^\\s*(?:\\d[\\d\\s]*(?:${[...unitMs.keys()].join("|")})\\s*)+$`;

/**
 * Reads a duration as people write it: whole numbers with units, added up, as in `1h 30m`, `12 s` or `100ms`. Units
 * are those of Fluvio's configs, from `ns` to `y`; `m` is a minute and `M` a month. A number without a unit is no
 * duration.
 * @returns milliseconds, or undefined when the text is no duration or too long to count exactly
 */
export function parseDurationMs(text: string): number | undefined {
  // Spaces within a number are skipped, as Fluvio's parser does.
  const isDuration = /^\s*(?:\d[\d\s]*[a-zA-Zµ]+\s*)+$/.test(text);
  const parts = isDuration ? text.matchAll(/(\d[\d\s]*)([a-zA-Zµ]+)/g) : [];
  let sum: number | undefined;
  for (const [, count, name] of parts) {
    const ms = unitMs.get(name ?? "");
    if (ms === undefined) return undefined;
    sum = (sum ?? 0) + Number(count?.replaceAll(/\s/g, "")) * ms;
  }
  return sum === undefined || sum > Number.MAX_SAFE_INTEGER ? undefined : sum;
}
