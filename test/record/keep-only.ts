import { type Batch, copyOptionalColumns } from "../../src/record/index.ts";

/** Takes all records out of play but those at `indexes`, in the way a filter does. */
export function keepOnly(batch: Batch, indexes: readonly number[]): Batch {
  const next = batch.scratch();
  indexes.forEach((index, written) => {
    (next.origins as Uint32Array)[written] = batch.originOf(index);
    next.values[written * 2] = batch.columns.values[index * 2] as number;
    next.values[written * 2 + 1] = batch.columns.values[index * 2 + 1] as number;
    copyOptionalColumns(batch.columns, index, next, written);
  });
  batch.adopt(next, indexes.length);
  return batch;
}
