/** Texts of shares, for messages. */
export const shareExamples = "`1/100`, `0.01` or `1%`";

/**
 * Reads a share as people write it: one in so many, a number from 0 to 1, or so many in a hundred.
 * @returns a number above 0 and up to 1, or undefined
 */
export function parseShare(text: string): number | undefined {
  const [, number = "", unit = ""] = /^\s*(\d+\.?\d*|\.\d+)\s*(%|\/\s*\d+)?\s*$/.exec(text) ?? [];
  const divisor = unit === "" ? 1 : unit === "%" ? 100 : Number(unit.slice(1));
  const share = number === "" ? Number.NaN : Number(number) / divisor;
  return share > 0 && share <= 1 ? share : undefined;
}
