import { limits } from "../../limits.ts";
import type { RecordInput } from "../../record/index.ts";

/** The first records of many, to measure with. */
export class Sample {
  readonly records: RecordInput[] = [];
  #bytes = 0;

  add(records: readonly RecordInput[]): void {
    for (const record of records) {
      if (this.records.length >= limits.diffSampleRecordsMax.default) return;
      if (this.#bytes >= limits.benchRecordBytesMax.default) return;
      this.records.push(record);
      this.#bytes += record.value.length;
    }
  }
}
