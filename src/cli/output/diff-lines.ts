import { printable } from "./printable.ts";
import type { Style } from "./style.ts";

/** A line of a comparison: `-` stands in the first of two texts, `+` in the second, a blank in both. */
interface DiffLine {
  readonly sign: string;
  readonly text: string;
}

/** A comparison with what was taken out in red and what was put in in green. */
export function paintedDiff(
  lines: readonly DiffLine[],
  { red, green, dim }: Style,
  indent: string,
): string[] {
  return lines.map(({ sign, text }) => {
    const line = `${sign} ${printable(text)}`;
    return indent + (sign === "-" ? red(line) : sign === "+" ? green(line) : dim(line));
  });
}
