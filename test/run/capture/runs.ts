import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { silentLogger } from "../../../src/base/index.ts";
import { readPlan } from "../../../src/config/index.ts";
import { limits } from "../../../src/limits.ts";
import { Batch, FrameBuffer } from "../../../src/record/index.ts";
import type { CaptureEntry } from "../../../src/run/capture/reader.ts";
import {
  type CaptureOptions,
  CaptureReader,
  captureFile,
  preparePipeline,
  type RunnablePipeline,
} from "../../../src/run/index.ts";
import { openLmdbStore } from "../../../src/topic/index.ts";
import { type PlainRecord, plainRecords } from "../../support/records.ts";

function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "millrace-capture-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const scope = {
  recordsMax: limits.captureRecordsMax.default,
  bytesMax: limits.captureBytesMax.default,
  share: 1,
  mask: [],
};

export interface RunOf {
  readonly folder?: string;
  readonly modules: Readonly<Record<string, Uint8Array>>;
  /** Lines of the file that is read. */
  readonly lines: readonly string[];
  /** The config behind the section of the source. */
  readonly more: string;
  readonly capture?: Partial<CaptureOptions> | undefined;
  /** Where secrets of the config come from. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a pipeline that reads a file of lines, and gives what is in its topic then. */
export async function runOf(options: RunOf): Promise<{
  readonly folder: string;
  readonly file: string;
  readonly pipeline: RunnablePipeline;
  readonly error: unknown;
  readonly delivered: readonly PlainRecord[];
}> {
  const { folder = tempFolder(), modules, lines, more, capture } = options;
  for (const [name, wasm] of Object.entries(modules)) writeFileSync(join(folder, name), wasm);
  writeFileSync(join(folder, "in.txt"), lines.map((line) => `${line}\n`).join(""));
  const text = `meta: { version: 0.1.0, name: lines-in, type: file-source, topic: lines }
file: { path: in.txt }
${more}`;
  writeFileSync(join(folder, "in.yaml"), text);
  const { plan } = await readPlan(join(folder, "in.yaml"), {
    secrets: { environment: options.environment ?? {} },
  });
  const file = join(folder, "lines.mrcap");
  const pipeline = await preparePipeline(plan, {
    once: true,
    topicFolder: join(folder, "topics"),
    log: silentLogger,
    onSkip() {},
    capture: capture === undefined ? undefined : { ...scope, file, ...capture },
  });
  const stop = new AbortController();
  const error = await pipeline.run(stop.signal).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { folder, file, pipeline, error, delivered: await recordsIn(join(folder, "topics")) };
}

async function recordsIn(folder: string): Promise<readonly PlainRecord[]> {
  const store = await openLmdbStore(folder);
  try {
    const topic = await store.open("lines");
    const batch = new Batch(new FrameBuffer(0));
    const records: PlainRecord[] = [];
    for (let offset = 0; offset < topic.bounds().next; ) {
      const frame = topic.read(offset, batch.buffer);
      if (frame === undefined) break;
      records.push(...plainRecords(batch.start(frame)));
      offset += frame.recordCount;
      batch.release();
    }
    return records;
  } finally {
    await store.close();
  }
}

export async function entriesOf(file: string): Promise<{ reader: CaptureReader; entries: CaptureEntry[] }> {
  const reader = await CaptureReader.open(await captureFile(file));
  const entries: CaptureEntry[] = [];
  try {
    for await (const entry of reader.entries()) entries.push(entry);
  } finally {
    await reader.close();
  }
  return { reader, entries };
}
