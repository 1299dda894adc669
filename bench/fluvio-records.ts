import { logRecords } from "./log-records.ts";

/** A module built for Fluvio, and the values that it is given. */
export interface FluvioSubject {
  readonly name: string;
  readonly file: string;
  readonly values: readonly string[];
}

export const recordBytes = 200;
export const batchRecords = 1000;
export const records: readonly string[] = logRecords(batchRecords, recordBytes);
/** What an array-map takes apart. */
export const arrays: readonly string[] = records.map(
  (record) => `[${JSON.stringify(record.slice(0, 80))},${record.length}]`,
);
