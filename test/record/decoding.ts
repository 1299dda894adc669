import {
  type ByteInput,
  type Format,
  FormatReader,
  offsetIn,
  placeIn,
} from "../../src/connector/format/index.ts";
import { formatWhere, type MillraceError } from "../../src/errors.ts";
import { Batch, FrameBuffer, openFrame } from "../../src/record/index.ts";

const never = new AbortController().signal;

/** Everything a format makes of bytes. */
export interface AllDecoded {
  readonly values: string[];
  readonly offsets: number[];
  readonly failures: { readonly code: string; readonly where: string; readonly message: string }[];
  readonly byteCount: number;
  readonly error: MillraceError | undefined;
}

/** Bytes that come in parts of the given sizes, again and again. */
function inputOf(bytes: Uint8Array, sizes: readonly number[] = [bytes.length || 1]): ByteInput {
  let at = 0;
  let turn = 0;
  return {
    async read(into, from, to) {
      const size = Math.min(sizes[turn++ % sizes.length]!, bytes.length - at, to - from);
      into.set(bytes.subarray(at, at + size), from);
      at += size;
      return size;
    },
  };
}

export async function decodeAll(
  format: Format,
  bytes: Uint8Array,
  { sizes, batchBytes }: { readonly sizes?: readonly number[]; readonly batchBytes?: number } = {},
): Promise<AllDecoded> {
  const reader = new FormatReader({ format, place: (offset) => placeIn("in", format, offset), batchBytes });
  const input = inputOf(bytes, sizes);
  const buffer = new FrameBuffer(4096);
  const all = { values: [] as string[], offsets: [] as number[], failures: [] as AllDecoded["failures"] };
  let byteCount = 0;
  try {
    for (;;) {
      buffer.reset();
      const reading = await reader.read(buffer, input, { signal: never, timestamp: 7 });
      if (reading === undefined) return { ...all, byteCount, error: undefined };
      byteCount += reading.byteCount;
      const frame = openFrame(reading.frame.bytes);
      // Latin-1 shows every byte as itself.
      for (const [index, { value }] of [...Batch.of(frame)].entries()) {
        all.values.push(Buffer.from(value).toString("latin1"));
        all.offsets.push(offsetIn(frame, index));
      }
      for (const { code, where, message } of reading.rejections) {
        all.failures.push({ code, where: formatWhere(where), message });
      }
    }
  } catch (error) {
    return { ...all, byteCount, error: error as MillraceError };
  }
}
