import { readSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { openChain } from "../../src/engine/index.ts";
import { loadModuleFile } from "../../src/modules/index.ts";
import { Batch, encodeLines, frameOfLines, linesAt } from "../../src/record/index.ts";
import type { Job } from "./job.ts";

const chunkBytes = 1024 * 1024;

/** Where the time of one pass goes, in ns for each record read, and how often each byte of a record is moved in memory. */
export interface Dissection {
  readonly read: number;
  readonly split: number;
  readonly copyIn: number;
  readonly guest: number;
  readonly gather: number;
  readonly write: number;
  /** Bytes moved from one place in memory to another (into the guest, out of it, into the lines to be written), for each byte read. */
  readonly copiesPerRecord: number;
}

/**
 * One pass with the pipeline's own parts, but one after another and each timed, so that the parts add up. In the pipeline reading and
 * writing overlap with the rest. `gather` is what it takes to turn verdicts into the next records and those into lines.
 */
export async function dissect(
  modulePath: string,
  parameters: ReadonlyMap<string, string>,
  { input, output }: Job,
): Promise<Dissection> {
  const module = await loadModuleFile(modulePath);
  const { transforms } = await openChain([{ module, parameters }], { now: () => performance.now() });
  const [transform] = transforms;
  if (transform === undefined) throw new Error("a chain of one module has one transform");
  const source = await open(input, "r");
  const target = await open(output, "w");
  const batch = new Batch();
  let position = 0;
  let records = 0;
  let moved = 0;
  const spent = { read: 0, split: 0, lines: 0, write: 0 };
  try {
    for (;;) {
      batch.buffer.used = linesAt;
      batch.buffer.reserve(chunkBytes);
      const start = performance.now();
      const bytesRead = readSync(source.fd, batch.buffer.bytes, linesAt, chunkBytes, position);
      const read = performance.now();
      spent.read += read - start;
      if (bytesRead === 0) break;
      const end = batch.buffer.bytes.lastIndexOf(10, linesAt + bytesRead - 1) + 1;
      const { frame } = frameOfLines(batch.buffer, end);
      position += end - linesAt;
      records += frame.recordCount;
      spent.split += performance.now() - read;
      batch.start(frame);
      transform.process(batch);
      const processed = performance.now();
      const lines = encodeLines(batch);
      moved += lines.bytes;
      const encoded = performance.now();
      spent.lines += encoded - processed;
      if (lines.bytes > 0) writeSync(target.fd, batch.bytes, lines.at, lines.bytes);
      spent.write += performance.now() - encoded;
      batch.release();
    }
  } finally {
    await source.close();
    await target.close();
  }
  const { counts } = transform;
  const perRecord = (ms: number): number => (ms * 1e6) / records;
  return {
    read: perRecord(spent.read),
    split: perRecord(spent.split),
    copyIn: perRecord(counts.copyInMs),
    guest: perRecord(counts.guestMs),
    gather: perRecord(counts.gatherMs + spent.lines),
    write: perRecord(spent.write),
    copiesPerRecord: (moved + counts.bytesIn + counts.bytesOut) / position,
  };
}
