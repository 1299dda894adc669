import { open, readFile } from "node:fs/promises";
import type { Job } from "./job.ts";

const chunkBytes = 1024 * 1024;
const headerBytes = 64;
const valueAt = headerBytes + 8;
const kept = 1;
const recordBytesMax = 64 * 1024;

interface Guest {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly millrace_packed_1: () => number;
  readonly millrace_reserve: (region: number, bytes: number) => number;
  readonly millrace_init: () => number;
  readonly millrace_filter: (first: number) => number;
}

/**
 * The same module with the grain that most hosts have: each record is copied in and the module is called for it. The frame around
 * the one record is written once, so that nothing but copy, call and verdict, and the checks that a host cannot do without, is paid for
 * each.
 */
export async function filterWithWasmPerRecord(
  modulePath: string,
  parameters: Uint8Array,
): Promise<(job: Job) => Promise<number>> {
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { instantiate(bytes: Uint8Array): Promise<{ instance: { exports: unknown } }> };
  };
  const { instance } = await WebAssembly.instantiate(await readFile(modulePath));
  const guest = instance.exports as Guest;
  const control = guest.millrace_packed_1() / 4;
  const inputAt = guest.millrace_reserve(0, valueAt + recordBytesMax);
  const answerAt = guest.millrace_reserve(1, 1024);
  const outputAt = guest.millrace_reserve(2, 1024);
  const cells = [
    inputAt,
    parameters.length,
    answerAt,
    answerAt + 8,
    answerAt + 16,
    answerAt + 24,
    answerAt + 32,
    outputAt,
    1024,
  ];
  new Uint32Array(guest.memory.buffer).set(cells, control + 2);
  new Uint8Array(guest.memory.buffer).set(parameters, inputAt);
  if (guest.millrace_init() !== 0) throw new Error("the module refused its parameters");
  // The module may have grown its memory until here; a call for one record does not.
  const bytes = new Uint8Array(guest.memory.buffer);
  const words = new Uint32Array(guest.memory.buffer);
  const frame = inputAt / 4;
  words.set([0x3146524d, 0, 1, 0, headerBytes, 0, 0, 0, 0, valueAt, 0, 0, -1, -1, -1, -1, valueAt, 0], frame);

  return async ({ input, output }) => {
    const source = await open(input, "r");
    const target = await open(output, "w");
    const buffer = Buffer.alloc(chunkBytes * 2);
    const survivors = Buffer.alloc(chunkBytes * 2);
    let carried = 0;
    let count = 0;
    try {
      for (;;) {
        const { bytesRead } = await source.read(buffer, carried, chunkBytes);
        if (bytesRead === 0) break;
        const end = carried + bytesRead;
        let used = 0;
        let at = 0;
        for (;;) {
          const lineEnd = buffer.indexOf(10, at);
          if (lineEnd < 0 || lineEnd >= end) break;
          if (lineEnd - at > recordBytesMax)
            throw new Error(`a record of ${lineEnd - at} bytes does not fit the input region`);
          bytes.set(buffer.subarray(at, lineEnd), inputAt + valueAt);
          words[frame + 17] = lineEnd - at;
          words[frame + 10] = lineEnd - at;
          words[frame + 1] = valueAt + lineEnd - at;
          words[control + 3] = valueAt + lineEnd - at;
          bytes[answerAt] = 0;
          guest.millrace_filter(0);
          if (guest.memory.buffer !== bytes.buffer)
            throw new Error("the module's memory has grown in a call for one record");
          if (bytes[answerAt] === kept) {
            used += buffer.copy(survivors, used, at, lineEnd + 1);
            count++;
          }
          at = lineEnd + 1;
        }
        if (used > 0) await target.write(survivors, 0, used);
        buffer.copyWithin(0, at, end);
        carried = end - at;
      }
    } finally {
      await source.close();
      await target.close();
    }
    return count;
  };
}
