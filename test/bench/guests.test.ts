import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { logRecords } from "../../bench/log-records.ts";
import { openChain } from "../../src/engine/index.ts";
import { loadModuleFile } from "../../src/modules/index.ts";
import { Batch, frameOf } from "../../src/record/index.ts";

const folder = join(import.meta.dirname, "../../bench/guests");

test("each guest of the benchmarks is the one that its hash names, and each has one", () => {
  const lines = readFileSync(join(folder, "guests.sha256"), "utf8").trim().split("\n");
  const stated = new Map(lines.map((line) => line.split(/\s+/).reverse() as [string, string]));
  const built = readdirSync(folder).filter((name) => name.endsWith(".wasm"));
  expect([...stated.keys()].sort()).toEqual(built.sort());
  for (const [name, hash] of stated) {
    expect(
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
      name,
    ).toBe(hash);
  }
});

test.each([
  ["keep.wasm", () => true],
  ["spin.wasm", () => true],
  ["search.wasm", (text: string) => text.includes('"level":"error"')],
  ["serde-filter.wasm", (text: string) => text.includes('"level":"error"')],
])("%s does to log records what JavaScript does", async (name, keeps) => {
  const module = await loadModuleFile(join(folder, name));
  for (const recordBytes of [100, 200, 1024, 10_240]) {
    const texts = logRecords(200, recordBytes);
    const batch = Batch.of(frameOf(texts));
    const chain = await openChain([{ module }]);
    chain.process(batch);
    expect(Array.from(batch, (record) => record.text)).toEqual(texts.filter(keeps));
  }
});

test.each([100, 200, 1024, 10_240])(
  "log records of %d bytes are about as large as that, valid and the same each time",
  (bytes) => {
    const texts = logRecords(100, bytes);
    for (const text of texts) expect(JSON.parse(text)).toMatchObject({ level: expect.any(String) as string });
    const mean = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / texts.length;
    expect(mean / bytes).toBeGreaterThan(0.75);
    expect(mean / bytes).toBeLessThan(1.25);
    expect(logRecords(100, bytes)).toEqual(texts);
  },
);
