import type { StageCounts } from "../../pipeline/index.ts";
import { type Column, formatCount, formatRate, type Style, tableLines } from "../output/index.ts";

const columns: readonly Column[] = [
  { header: "stage", align: "left" },
  { header: "name", align: "left" },
  { header: "in", align: "right" },
  { header: "out", align: "right" },
  { header: "dropped", align: "right" },
  { header: "failed", align: "right" },
  { header: "letters", align: "right" },
  { header: "records/s", align: "right" },
];

/** A stage with its speed, in records that entered it per second. */
export interface StageRow extends StageCounts {
  readonly recordsPerSecond: number | undefined;
}

/** A header and one line per stage. */
export function stageTable(rows: readonly StageRow[], style: Style, columnsMax?: number): string[] {
  return tableLines(
    columns,
    rows.map((row) => [
      row.stage,
      row.name,
      formatCount(row.in),
      formatCount(row.out),
      formatCount(row.dropped),
      formatCount(row.failed),
      formatCount(row.deadLettered),
      formatRate(row.recordsPerSecond),
    ]),
    { cut: style.glyphs.cut, ...(columnsMax === undefined ? {} : { columnsMax }) },
  );
}
