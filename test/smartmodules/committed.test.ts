import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { buildModule } from "../../src/devkit/index.ts";
import { limits } from "../../src/limits.ts";
import { buildMs, committed, moduleFolder } from "./built.ts";
import { moduleNames } from "./descriptions.ts";

describe.each(moduleNames)("%s", (name) => {
  test(
    "is what its source builds to",
    async () => {
      const built = await buildModule({ source: moduleFolder(name) });
      expect(built.warnings).toStrictEqual([]);
      const wasm = await committed(name);
      // Comparing tens of thousands of bytes one by one would only make the message long.
      expect(Buffer.compare(built.wasm, wasm), "run `npm run build:modules` and commit what it writes").toBe(
        0,
      );
      const hash = await readFile(`${moduleFolder(name)}${name}.wasm.sha256`, "utf8");
      expect(hash).toBe(`${built.sha256}  ${name}.wasm\n`);
    },
    buildMs,
  );
});

test("bounds of the SDK are those of the host", async () => {
  const read = (path: string): Promise<string> => readFile(`${moduleFolder("sdk")}${path}`, "utf8");
  const mebibytes = limits.recordBytesMax.default / (1 << 20);
  expect(await read("memory/output.ts")).toContain(`recordOutputMax: usize = ${mebibytes} << 20`);
  const accumulator = limits.accumulatorBytesMax.default / (1 << 20);
  expect(await read("state/groups.ts")).toContain(`accumulatorBytesMax: usize = ${accumulator} << 20`);
  expect(await read("json/walk.ts")).toContain(`depthMax: i32 = ${limits.jsonDepthMax.default}`);
  expect(await read("json/writer.ts")).toContain(`depthMax: i32 = ${limits.jsonDepthMax.default}`);
});
