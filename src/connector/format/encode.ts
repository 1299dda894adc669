import {
  type Batch,
  CsvEncoder,
  type Encoded,
  type Encoder,
  encodeLines,
  lengthPrefixedEncoder,
  msgpackEncoder,
} from "../../record/index.ts";
import type { Format } from "./schema.ts";

const linesEncoder: Encoder = {
  encode(batch: Batch): Encoded {
    const { at, bytes, refused } = encodeLines(batch);
    return { bytes: batch.bytes.subarray(at, at + bytes), refused, ends: undefined };
  },
};

/**
 * What writes records in a format: the one way from frames to bytes that all connectors share.
 * @param state of a decoder that has read what there is already, to go on in the same way
 */
export async function encoderFor(format: Format, state?: string): Promise<Encoder> {
  switch (format.kind) {
    case "lines":
    case "json":
      return linesEncoder;
    case "csv":
      return new CsvEncoder(format.options, state);
    case "length-prefixed":
      return lengthPrefixedEncoder(format.options);
    case "msgpack": {
      const { Packr } = await import("msgpackr");
      const packr = new Packr({ useRecords: false, variableMapSize: true });
      return msgpackEncoder((value) => packr.pack(value));
    }
  }
}
