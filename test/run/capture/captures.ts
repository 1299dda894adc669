import type { Frame } from "../../../src/record/index.ts";
import { type Entry, encodeEntry } from "../../../src/run/capture/entry.ts";
import type { BatchEnvelope, HeadEnvelope } from "../../../src/run/capture/envelope.ts";
import { became, fileMark } from "../../../src/run/capture/layout.ts";
import { type CaptureBytes, type CaptureEntry, CaptureReader } from "../../../src/run/capture/reader.ts";

export const head: HeadEnvelope = {
  kind: "head",
  version: 1,
  pipeline: "orders-in",
  direction: "inbound",
  config: { name: "orders.yaml", text: "meta: {}\n" },
  world: { wasi: "own", deterministic: true, seed: 1 },
  steps: [
    {
      name: "1-keep.wasm",
      stage: "filter",
      module: "keep.wasm",
      path: "modules/keep.wasm",
      sha256: "0".repeat(64),
      abi: "packed",
      kind: "filter",
      stateful: null,
      parameters: { word: "a" },
      accumulator: null,
      lookBack: { last: 2, ageMs: null },
      onError: "skip",
      limits: {
        moduleBytesMax: 1,
        memoryBytesMax: 2,
        tableElementsMax: 3,
        fuelPerRecord: 4,
        fuelPerSetup: 5,
        fuel: true,
      },
    },
  ],
  share: 1,
  mask: [],
};

/** A batch of two records of which the filter keeps the second. */
export function batchOf(before: Frame, after: Frame): Entry<BatchEnvelope> {
  const run = {
    before: 0,
    after: 1,
    became: Uint8Array.of(became.failed, became.kept),
    origins: Uint8Array.of(1, 0, 0, 0),
    failures: [{ record: 0, code: "module.record" as const, message: "no" }],
    threw: null,
  };
  const envelope = { kind: "batch" as const, number: 0, firstRecord: 0, cut: 0, steps: [run], masked: [] };
  return { envelope, frames: [before, after] };
}

export function captureOf(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  const parts = entries.map(({ envelope, frames }) => encodeEntry(envelope, frames));
  return new Uint8Array(Buffer.concat([fileMark, ...parts]));
}

/** A capture in memory. */
export function inMemory(bytes: Uint8Array): CaptureBytes {
  return {
    name: "capture",
    length: bytes.length,
    read: async (at, length) => bytes.slice(at, at + length),
    close: async () => {},
  };
}

export async function readAll(
  bytes: Uint8Array,
): Promise<{ readonly reader: CaptureReader; readonly entries: readonly CaptureEntry[] }> {
  const reader = await CaptureReader.open(inMemory(bytes));
  const entries: CaptureEntry[] = [];
  for await (const entry of reader.entries()) entries.push(entry);
  return { reader, entries };
}
