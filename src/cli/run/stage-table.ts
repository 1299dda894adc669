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

const fuelColumn: Column = { header: "fuel/record", align: "right" };

/** A stage with its speed, in records that entered it per second, and with what its module takes for one. */
export interface StageRow extends Omit<StageCounts, "fuel"> {
  readonly recordsPerSecond: number | undefined;
  /** In instructions; undefined where they are not counted. */
  readonly fuelPerRecord: number | undefined;
}

export function stageRow({ fuel, ...stage }: StageCounts, recordsPerSecond: number | undefined): StageRow {
  const fuelPerRecord = fuel === undefined || stage.in === 0 ? undefined : fuel / stage.in;
  return { ...stage, recordsPerSecond, fuelPerRecord };
}

/** A header and one line per stage. */
export function stageTable(rows: readonly StageRow[], style: Style, columnsMax?: number): string[] {
  const hasFuel = rows.some(({ fuelPerRecord }) => fuelPerRecord !== undefined);
  return tableLines(
    hasFuel ? [...columns, fuelColumn] : columns,
    rows.map((row) => [
      row.stage,
      row.name,
      formatCount(row.in),
      formatCount(row.out),
      formatCount(row.dropped),
      formatCount(row.failed),
      formatCount(row.deadLettered),
      formatRate(row.recordsPerSecond),
      ...(hasFuel ? [formatRate(row.fuelPerRecord)] : []),
    ]),
    { cut: style.glyphs.cut, ...(columnsMax === undefined ? {} : { columnsMax }) },
  );
}
