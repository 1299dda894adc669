import type { TransformKind } from "../../src/engine/index.ts";
import { limits } from "../../src/limits.ts";
import { isHeaderBlock } from "../../src/record/index.ts";
import { decodeHeaders } from "../../src/record/record.ts";
import type { PlainRecord } from "../support/records.ts";
import type { Strings } from "./puppet.ts";

const change = { value: 0x10, key: 0x20, timestamp: 0x40, headers: 0x80 } as const;
const [kept, dropped, replaced, expanded, failed] = [1, 2, 3, 4, 5];

const allowed: Readonly<Record<TransformKind, readonly (number | undefined)[]>> = {
  filter: [kept, dropped, failed],
  map: [kept, replaced, failed],
  "filter-map": [kept, dropped, replaced, failed],
  "array-map": [expanded, dropped, failed],
  aggregate: [kept, replaced, failed],
};

/** An answer that must be refused. */
class Nonsense extends Error {}

/**
 * What the records of one answer are, as the ABI says it, in the plainest way; undefined where it must be refused.
 * @param frame the frame as it was sent, which the module may have changed in its memory
 */
export function meaningOf(
  kind: TransformKind,
  strings: Strings,
  emitted: number,
  records: readonly PlainRecord[],
  frame: Uint8Array,
): readonly PlainRecord[] | undefined {
  const { memory, returned: end } = strings;
  const view = new DataView(memory.buffer);
  let outputBytes = 0;
  let recordBytes = 0;

  function bytesOf(column: number, index: number, isKey: boolean): Uint8Array | undefined {
    const at = view.getUint32(column + index * 8, true);
    const length = view.getUint32(column + index * 8 + 4, true);
    if (isKey && length === 0xffffffff) return undefined;
    recordBytes += length;
    if (at + length > memory.length) throw new Nonsense();
    const own = at - strings.inputAt;
    const isOwn = own >= 0 && own + length <= strings.inputBytes;
    return isOwn ? frame.slice(own, own + length) : memory.slice(at, at + length);
  }

  function changed(record: PlainRecord, bits: number, index: number): PlainRecord {
    const next: { -readonly [Name in keyof PlainRecord]: PlainRecord[Name] } = { ...record };
    if ((bits & change.value) !== 0) next.value = bytesOf(strings.valuesAt, index, false) as Uint8Array;
    if ((bits & change.key) !== 0) next.key = bytesOf(strings.keysAt, index, true);
    if ((bits & change.headers) !== 0) {
      const at = view.getUint32(strings.headersAt + index * 8, true);
      const block = bytesOf(strings.headersAt, index, false) as Uint8Array;
      // What is checked is the block in the module's memory, also where it only points to what was sent.
      if (!isHeaderBlock(memory, at, block.length)) throw new Nonsense();
      next.headers = decodeHeaders(block);
    }
    if ((bits & change.timestamp) !== 0) {
      const ms = view.getBigInt64(strings.timestampsAt + index * 8, true);
      // A frame has no other way to say "none".
      next.timestamp = ms === -1n ? undefined : Number(ms);
    }
    return next;
  }

  /** What is too much for the batch is nothing, and leaves room for others. */
  function fitting(made: readonly PlainRecord[]): readonly PlainRecord[] {
    if (outputBytes + recordBytes > limits.outputBytesMax.default) return [];
    outputBytes += recordBytes;
    return made;
  }

  function one(index: number, e: number): readonly [readonly PlainRecord[], number] {
    const code = memory[strings.verdictsAt + index] as number;
    const verdict = code & 15;
    if (!allowed[kind].includes(verdict)) throw new Nonsense();
    const record = records[index] as PlainRecord;
    recordBytes = 0;
    if (kind !== "array-map") {
      if (verdict === dropped || verdict === failed) return [[], e];
      return [verdict === kept ? [record] : fitting([changed(record, code & 0xf0, index)]), e];
    }
    let next = e;
    while (next < emitted && view.getUint32(strings.sourcesAt + next * 4, true) === index) next++;
    const count = next - e;
    if ((verdict === expanded && count === 0) || (verdict === failed && count !== 1)) throw new Nonsense();
    if (verdict === dropped && count > 0) throw new Nonsense();
    if (verdict !== expanded) return [[], next];
    const made = Array.from({ length: count }, (_, k) => {
      const bits = memory[strings.changesAt + e + k] as number;
      if ((bits & change.value) === 0) throw new Nonsense();
      return changed(record, bits, e + k);
    });
    return [fitting(made), next];
  }

  try {
    const out: PlainRecord[] = [];
    let e = 0;
    for (let index = 0; index < end; index++) {
      const [made, next] = one(index, e);
      out.push(...made);
      e = next;
    }
    if (kind === "array-map" && e < emitted) throw new Nonsense();
    return out;
  } catch (error) {
    if (error instanceof Nonsense) return undefined;
    throw error;
  }
}
