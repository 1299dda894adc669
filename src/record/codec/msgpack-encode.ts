import { MillraceError, messageOf } from "../../errors.ts";
import type { Batch, RecordFailure } from "../batch.ts";
import type { Encoder } from "./encoder.ts";
import { valueOfJson } from "./json-value.ts";
import { TextWriter } from "./text-writer.ts";

/** Makes MessagePack of a plain value, with integers of 64 bits as BigInt. */
export type PackMsgpack = (value: unknown) => Uint8Array;

/**
 * Writes JSON as MessagePack values, one behind the other. Whole numbers that fit 64 bits stay whole, all others become
 * floats of 64 bits. What is no JSON is refused, and so is a number beyond all floats.
 *
 * @param pack brought by the caller, so that nothing has to be loaded where no MessagePack is written
 */
export function msgpackEncoder(pack: PackMsgpack): Encoder {
  const out = new TextWriter();
  return {
    encode(batch: Batch) {
      out.clear();
      const refused: RecordFailure[] = [];
      const { values } = batch.columns;
      const ends = new Uint32Array(batch.count);
      let count = 0;
      for (let i = 0; i < batch.count; i++) {
        const at = values[i * 2] as number;
        try {
          const packed = pack(valueOfJson(batch.bytes.subarray(at, at + (values[i * 2 + 1] as number))));
          out.copy(packed, 0, packed.length);
          ends[count++] = out.length;
        } catch (error) {
          const code = MillraceError.is(error) ? error.code : "record.packing";
          refused.push({ origin: batch.originOf(i), by: "msgpack", code, message: messageOf(error) });
        }
      }
      return { bytes: out.written, refused, ends: ends.subarray(0, count) };
    },
  };
}
