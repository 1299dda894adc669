import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testSource } from "millrace/conformance";
import { describe, onTestFinished, test } from "vitest";
import { connector } from "./command.ts";

testSource(
  {
    name: "command-source",
    isReplayable: false,
    holds: (value) => !value.includes(10),
    async prepare(values) {
      const folder = await folderFor(
        "lines",
        Buffer.concat(values.flatMap((value) => [value, Buffer.from("\n")])),
      );
      return { values, create: (options) => open(["cat", "lines"], folder, options) };
    },
    async poisoned() {
      const lines = ["1\n", Buffer.alloc(16 * 1024 * 1024 + 1, "x"), "\n2\n"].map((text) =>
        Buffer.from(text),
      );
      const folder = await folderFor("lines", Buffer.concat(lines));
      const values = [Buffer.from("1"), Buffer.from("2")];
      return { values, create: (options) => open(["cat", "lines"], folder, options) };
    },
    waiting: () => open(["sleep", "600"], tmpdir()),
    broken: () => open(["/there/is/no/such/command"], tmpdir()),
  },
  { describe, test },
);

function open(run: string[], folder: string, options = {}) {
  const context = {
    pipeline: "test",
    folder,
    once: true,
    log: { debug() {}, info() {}, warn() {} },
    clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
    openTopic: () => Promise.reject(new Error("this source needs no topics")),
    ...options,
  };
  const { source, settings } = connector;
  if (source === undefined) throw new Error("the connector has a source");
  return source(settings.parse({ run }), undefined, context);
}

async function folderFor(name: string, content: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "command-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), content);
  return folder;
}
