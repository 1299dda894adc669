import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Source } from "../../src/pipeline/index.ts";
import { Batch, FrameBuffer } from "../../src/record/index.ts";
import { sourceOf } from "./support/open-connector.ts";
import { tempFolder } from "./support/temp-folder.ts";
import { testContext } from "./support/test-context.ts";

const values = Array.from({ length: 25 }, (_, i) => `${1000 + i}`);

/** Sizes of the batches that a source brings, and all texts. */
async function batchesOf(source: Source): Promise<{ sizes: number[]; texts: string[] }> {
  const sizes: number[] = [];
  const texts: string[] = [];
  await source.open(undefined);
  try {
    const buffer = new FrameBuffer();
    const { signal } = new AbortController();
    for (let reading = await source.read(buffer, signal); reading !== undefined; ) {
      sizes.push(reading.frame.recordCount);
      const batch = new Batch(buffer).start(reading.frame);
      for (const record of batch) texts.push(record.text);
      batch.release();
      buffer.reset();
      reading = await source.read(buffer, signal);
    }
  } finally {
    await source.close();
  }
  return { sizes, texts };
}

test.each([
  ["lines", values.join("\n"), undefined],
  ["JSON", JSON.stringify(values.map(Number)), { json: {} }],
])(
  "batchRecords: a file of %s comes in batches of no more records, and all of it",
  async (_what, text, extract) => {
    const folder = tempFolder();
    await writeFile(join(folder, "in.txt"), text);
    const context = testContext({ folder, once: true, batchRecords: 10 });
    const { sizes, texts } = await batchesOf(
      await sourceOf("file-source", { path: "in.txt" }, context, extract),
    );
    expect([sizes, texts]).toEqual([[10, 10, 5], values]);
  },
);

test("batchRecords: made-up records come in batches of no more", async () => {
  const context = testContext({ once: true, batchRecords: 10 });
  const { sizes } = await batchesOf(await sourceOf("generate-source", { count: 25 }, context));
  expect(sizes).toEqual([10, 10, 5]);
});
