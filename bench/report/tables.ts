import type { Comparison } from "../compare.ts";
import type { Spread } from "../statistics.ts";

/** Median with the 10th and 90th percentile. */
export function spread({ low, median, high }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Comparisons as one table: a line for each size, ratios with their noise floor beside them. */
export function comparisonTable(
  of: string,
  comparisons: readonly (Comparison & { readonly label: string })[],
): string {
  return table(
    [of, "contender", "ns for each", "time against the first", "noise floor"],
    comparisons.flatMap(({ label, contenders, noise }) =>
      contenders.map(({ name, ns, ratio }, i) =>
        i === 0
          ? [label, name, spread(ns, 0), "1", `${spread(noise)}x`]
          : ["", name, spread(ns, 0), `**${spread(ratio)}x**`, ""],
      ),
    ),
  );
}
