import { diffArrays } from "diff";
import type { DiffLine } from "./report.ts";

/** Lines that are the same are shown so many above and below others. */
const contextLines = 2;

/** How two lists of lines differ, with a little of what is the same around. */
export function diffOfLines(expected: readonly string[], actual: readonly string[]): readonly DiffLine[] {
  return shortened(
    diffArrays([...expected], [...actual]).flatMap(({ added, removed, value }) =>
      value.map((text): DiffLine => ({ sign: added ? "+" : removed ? "-" : " ", text })),
    ),
  );
}

/** How two texts differ. JSON in both is compared member by member, whatever its order and blanks. */
export function diffOfTexts(expected: string, actual: string): readonly DiffLine[] {
  const [left, right] = [structureOf(expected), structureOf(actual)];
  if (left !== undefined && right !== undefined && prettyJson(left) !== prettyJson(right)) {
    return diffOfJson(left, right);
  }
  return diffOfLines(linesOf(expected), linesOf(actual));
}

export function diffOfJson(expected: unknown, actual: unknown): readonly DiffLine[] {
  return diffOfLines(prettyJson(expected).split("\n"), prettyJson(actual).split("\n"));
}

/** JSON on several lines with sorted keys, so that what is equal has the same text. */
export function prettyJson(value: unknown): string {
  return JSON.stringify(sorted(value), null, 2) ?? "undefined";
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** The object or array that a text is as JSON. */
function structureOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function linesOf(text: string): string[] {
  return text.split("\n");
}

/** Leaves out what is the same and far from what differs. */
export function shortened(lines: readonly DiffLine[]): readonly DiffLine[] {
  const isNear = (index: number): boolean => {
    const from = Math.max(0, index - contextLines);
    return lines.slice(from, index + contextLines + 1).some(({ sign }) => sign !== " ");
  };
  const shown: DiffLine[] = [];
  let isCut = false;
  for (const [index, line] of lines.entries()) {
    if (isNear(index)) shown.push(line);
    else if (!isCut) shown.push({ sign: " ", text: "…" });
    isCut = !isNear(index);
  }
  return shown;
}
