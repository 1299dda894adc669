import type { RecordInput } from "../../record/index.ts";
import type { BrokenLaw, Violation } from "./result.ts";

/** Leaves out of an input, one by one, the records and the parts of records without which it breaks its law just as well. */
export async function shrunk(
  broken: BrokenLaw,
  check: (records: readonly RecordInput[]) => Promise<Violation | undefined>,
  isOver: () => boolean,
): Promise<BrokenLaw> {
  let best = broken;
  const tryWith = async (records: readonly RecordInput[]): Promise<boolean> => {
    if (isOver()) return false;
    const violation = await check(records);
    if (violation !== undefined) best = { ...violation, records };
    return violation !== undefined;
  };
  for (let index = best.records.length - 1; index >= 0 && best.records.length > 1; index--) {
    await tryWith(best.records.toSpliced(index, 1));
  }
  for (const [index, record] of best.records.entries()) {
    const { value } = record;
    if (await tryWith(best.records.with(index, { value }))) continue;
    for (const part of ["key", "timestamp", "headers"] as const) {
      const now = best.records[index] ?? record;
      if (now[part] !== undefined) await tryWith(best.records.with(index, { ...now, [part]: undefined }));
    }
  }
  return best;
}
