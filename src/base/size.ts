/** Texts of sizes, for messages. */
export const sizeExamples = "`16 MB`, `1 MiB` or a number of bytes";

const unitBytes: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ...["k", "m", "g", "t", "p"].flatMap((prefix, index): [string, number][] => [
    [prefix, 1000 ** (index + 1)],
    [`${prefix}b`, 1000 ** (index + 1)],
    [`${prefix}i`, 1024 ** (index + 1)],
    [`${prefix}ib`, 1024 ** (index + 1)],
  ]),
]);

/**
 * Reads a size as people write it: a number with a unit, as in `16 MB` (16,000,000), `1.5 MiB` (1,572,864) or `512`.
 * The case of the unit does not matter.
 * @returns whole bytes, or undefined when the text is no size or too large to count exactly
 */
export function parseSizeBytes(text: string): number | undefined {
  const [, count, name] = /^\s*(\d+\.?\d*|\.\d+)\s*([a-zA-Z]*)\s*$/.exec(text) ?? [];
  const unit = unitBytes.get((name ?? "").toLowerCase());
  if (count === undefined || unit === undefined) return undefined;
  const bytes = Math.floor(Number(count) * unit);
  return bytes > Number.MAX_SAFE_INTEGER ? undefined : bytes;
}

/** A size as people write it, where it is a whole number of units: `64 MiB`, and `1000 bytes` where it is none. */
export function sizeText(bytes: number): string {
  for (const [unit, each] of [
    ["GiB", 1024 ** 3],
    ["MiB", 1024 ** 2],
    ["KiB", 1024],
  ] as const) {
    if (bytes >= each && bytes % each === 0) return `${bytes / each} ${unit}`;
  }
  return `${bytes} bytes`;
}
