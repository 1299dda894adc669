import { printable } from "./printable.ts";

/** A column of a table for people. */
export interface Column {
  readonly header: string;
  readonly align: "left" | "right";
}

/** Space between columns. */
const gap = "  ";

export interface TableOptions {
  /** Lines become no wider than this: cells of the widest left-aligned column are cut first, then lines. */
  readonly columnsMax?: number;
  /** Shown where something was cut. */
  readonly cut?: string;
}

/** Lines of a table, the first of them its header. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string[] {
  const { columnsMax = Number.POSITIVE_INFINITY, cut = "~" } = options;
  const all = [columns.map((column) => column.header), ...rows.map((row) => row.map(printable))];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => (row[index] ?? "").length)));
  fitWidths(columns, widths, columnsMax);
  return all.map((row) => {
    const cells = columns.map(({ align }, index) => {
      const width = widths[index] ?? 0;
      const text = cutTo(row[index] ?? "", width, cut);
      return align === "right" ? text.padStart(width) : text.padEnd(width);
    });
    return cutTo(cells.join(gap).trimEnd(), columnsMax, cut);
  });
}

/** The text in at most `columnsMax` characters, with a sign where it was cut. */
export function cutTo(text: string, columnsMax: number, cut: string): string {
  if (text.length <= columnsMax) return text;
  return text.slice(0, Math.max(0, columnsMax - cut.length)) + cut.slice(0, Math.max(0, columnsMax));
}

/** Takes what is too wide from the widest left-aligned column, down to a width in which a name can still be told. */
function fitWidths(columns: readonly Column[], widths: number[], columnsMax: number): void {
  const total = widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1);
  const excess = total - columnsMax;
  if (excess <= 0) return;
  let widest = -1;
  for (const [index, { align }] of columns.entries()) {
    if (align === "left" && (widths[index] ?? 0) > (widths[widest] ?? 0)) widest = index;
  }
  if (widest >= 0) widths[widest] = Math.max(8, (widths[widest] ?? 0) - excess);
}
