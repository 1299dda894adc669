import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { readAll, readOne, valuesOf } from "../../src/conformance/index.ts";
import type { ConnectorContext } from "../../src/connector/index.ts";
import type { Source } from "../../src/pipeline/index.ts";
import { testSink } from "../conformance/sink.ts";
import { testSource } from "../conformance/source.ts";
import { ManualClock } from "./support/manual-clock.ts";
import { sinkOf, sourceOf } from "./support/open-connector.ts";
import { tempFolder } from "./support/temp-folder.ts";
import { testContext } from "./support/test-context.ts";
import { serve } from "./support/web-server.ts";

const lineFeed = 10;
const carriageReturn = 13;

function isLine(value: Uint8Array): boolean {
  return !value.includes(lineFeed);
}

/** A value that reads back the same: a carriage return at its end would count as part of the line end. */
function isReadableLine(value: Uint8Array): boolean {
  return isLine(value) && value.at(-1) !== carriageReturn;
}

function linesOf(file: string): Uint8Array[] {
  const bytes = readFileSync(file);
  const lines: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(lineFeed, at);
    lines.push(bytes.subarray(at, end < 0 ? bytes.length : end));
    at = end < 0 ? bytes.length : end + 1;
  }
  return lines;
}

testSource({
  name: "file-source",
  isReplayable: true,
  holds: isReadableLine,
  async prepare(values) {
    const folder = tempFolder();
    writeFileSync(
      join(folder, "in.ndjson"),
      Buffer.concat(values.flatMap((value) => [value, Buffer.from("\n")])),
    );
    return {
      values,
      create: (options) =>
        sourceOf("file-source", { path: "in.ndjson" }, testContext({ folder, ...options })),
    };
  },
  broken: () => sourceOf("file-source", { path: "missing" }, testContext({ folder: tempFolder() })),
});

testSource({
  name: "http-source (elements of a JSON array)",
  isReplayable: false,
  holds(value) {
    try {
      JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(value));
      return Buffer.from(value).toString() === Buffer.from(value).toString().trim();
    } catch {
      return false;
    }
  },
  async prepare(values) {
    const parts = values.flatMap((value, index) => [Buffer.from(index === 0 ? "" : ",\n  "), value]);
    const body = Buffer.concat([Buffer.from('{"type":"all","items":['), ...parts, Buffer.from("]}")]);
    const { url } = await serve((response) => response.end(body));
    return {
      values,
      create: (options) =>
        sourceOf("http-source", { endpoint: url }, testContext({ ...options }), { "json-array": "/items" }),
    };
  },
  async waiting() {
    const { url } = await serve(() => {});
    return sourceOf("http-source", { endpoint: url }, testContext({ once: false, clock: new ManualClock() }));
  },
});

testSource({
  name: "generate-source",
  isReplayable: true,
  holds: () => true,
  async prepare(values) {
    const create = (options: Partial<ConnectorContext> = {}): Promise<Source> =>
      sourceOf("generate-source", { count: values.length, seed: 42 }, testContext(options));
    const source = await create();
    await source.open(undefined);
    const made = valuesOf(await readAll(source));
    expect(made).toHaveLength(values.length);
    return { values: made, create };
  },
  async waiting() {
    const context = testContext({ once: false, clock: new ManualClock() });
    const source = await sourceOf("generate-source", { rate: 1 }, context);
    const { open } = source;
    source.open = async (position) => {
      await open.call(source, position);
      // The first record is due at once, and the second one is waited for.
      await readOne(source);
    };
    return source;
  },
});

testSink({
  name: "file-sink",
  holds: isLine,
  async prepare() {
    const folder = tempFolder();
    const file = join(folder, "out.ndjson");
    return {
      create: () => sinkOf("file-sink", { path: "out.ndjson" }, testContext({ folder })),
      stored: async () => linesOf(file),
      tear: async () => truncateSync(file, (await stat(file)).size - 5),
    };
  },
  broken: () => sinkOf("file-sink", { path: "missing/out" }, testContext({ folder: tempFolder() })),
});
