import { PassThrough, Readable, Writable } from "node:stream";
import { createStdioSink } from "../../../src/connector/stdio/sink.ts";
import { createStdioSource } from "../../../src/connector/stdio/source.ts";
import { testSink } from "../../conformance/sink.ts";
import { testSource } from "../../conformance/source.ts";
import { testContext } from "../support/test-context.ts";

const lineFeed = 10;
const lines = { kind: "lines" } as const;
const prefixed = { kind: "length-prefixed", options: { bytes: 4, order: "big-endian" } } as const;

function joined(values: readonly Uint8Array[]): Buffer {
  return Buffer.concat(values.flatMap((value) => [value, Buffer.from("\n")]));
}

/** Bytes in parts as a pipe has them. */
function* partsOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

testSource({
  name: "stdio-source",
  isReplayable: false,
  holds: (value) => !value.includes(lineFeed) && value.at(-1) !== 13,
  prepare: async (values) => ({
    values,
    create: async (options) =>
      createStdioSource(
        lines,
        testContext({ ...options }),
        Readable.from(partsOf(joined(values)), { objectMode: false, highWaterMark: 1 << 20 }),
      ),
  }),
  waiting: async () => createStdioSource(lines, testContext({ once: false }), new PassThrough()),
});

class Memory extends Writable {
  readonly parts: Buffer[] = [];

  override _write(part: Buffer, _encoding: string, done: () => void): void {
    // The sender may use its memory again once this is done.
    this.parts.push(Buffer.from(part));
    setImmediate(done);
  }
}

for (const [name, format] of [
  ["lines", lines],
  ["length-prefixed", prefixed],
] as const) {
  testSink({
    name: `stdio-sink (${name})`,
    holds: (value) => format.kind === "length-prefixed" || !value.includes(lineFeed),
    async prepare() {
      const memory = new Memory();
      return {
        create: async () => createStdioSink(format, memory),
        stored: async () => {
          const bytes = Buffer.concat(memory.parts);
          const values: Uint8Array[] = [];
          for (let at = 0; at < bytes.length; ) {
            const from = format.kind === "lines" ? at : at + 4;
            const end = format.kind === "lines" ? bytes.indexOf(lineFeed, at) : from + bytes.readUInt32BE(at);
            values.push(bytes.subarray(from, end));
            at = format.kind === "lines" ? end + 1 : end;
          }
          return values;
        },
      };
    },
  });
}
