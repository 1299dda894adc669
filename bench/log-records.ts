import { sizedLogs } from "../src/devkit/bench/sized-logs.ts";

/** The log records that `millrace bench --value-size` makes, the same for each call. */
export function logRecords(count: number, recordBytes: number): readonly string[] {
  return sizedLogs(count, recordBytes, 42);
}
