import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { Packr } from "msgpackr";
import type { SourceFixture } from "../../../src/conformance/index.ts";
import { testSink } from "../../conformance/sink.ts";
import { testSource } from "../../conformance/source.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { sinkOf, sourceOf } from "../support/open-connector.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { testContext } from "../support/test-context.ts";

const packr = new Packr({ useRecords: false, variableMapSize: true });
const lineFeed = 10;

function fixtureOf(
  content: Uint8Array,
  values: readonly Uint8Array[],
  extract: unknown,
  path = "in",
): SourceFixture {
  const folder = tempFolder();
  writeFileSync(join(folder, path), content);
  return {
    values,
    create: (options) => sourceOf("file-source", { path }, testContext({ folder, ...options }), extract),
  };
}

/** The value as JSON writes it, where it is JSON and that is how it stands. */
function isPlainJson(value: Uint8Array): boolean {
  try {
    const text = Buffer.from(value).toString();
    return JSON.stringify(JSON.parse(text)) === text && Buffer.from(text).equals(value);
  } catch {
    return false;
  }
}

const broken = (extract: unknown) => () =>
  sourceOf("file-source", { path: "missing" }, testContext({ folder: tempFolder() }), extract);

const prefixed = (values: readonly Uint8Array[]): Buffer =>
  Buffer.concat(
    values.flatMap((value) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(value.length);
      return [length, value];
    }),
  );

testSource({
  name: "file-source (length-prefixed)",
  isReplayable: true,
  holds: () => true,
  prepare: async (values) => fixtureOf(prefixed(values), values, "length-prefixed"),
  broken: broken("length-prefixed"),
});

testSource({
  name: "file-source (MessagePack)",
  isReplayable: true,
  holds: isPlainJson,
  prepare: async (values) => {
    const packed = values.map((value) => packr.pack(JSON.parse(Buffer.from(value).toString())));
    return fixtureOf(Buffer.concat(packed), values, "msgpack");
  },
  poisoned: async () =>
    fixtureOf(
      Buffer.concat([1, Number.NaN, 2].map((value) => packr.pack(value))),
      ["1", "2"].map((text) => Buffer.from(text)),
      "msgpack",
    ),
  broken: broken("msgpack"),
});

testSource({
  name: "file-source (JSON values)",
  isReplayable: true,
  holds: isPlainJson,
  prepare: async (values) =>
    fixtureOf(Buffer.concat(values.flatMap((value) => [value, Buffer.from(" ")])), values, "json"),
  poisoned: async () =>
    fixtureOf(
      Buffer.from("1\n{]\n2"),
      ["1", "2"].map((text) => Buffer.from(text)),
      "json",
    ),
});

testSource({
  name: "file-source (an array of JSON)",
  isReplayable: true,
  holds: isPlainJson,
  prepare: async (values) =>
    fixtureOf(
      Buffer.concat([
        Buffer.from("["),
        ...values.flatMap((value, i) => [Buffer.from(i === 0 ? "" : ",\n"), value]),
        Buffer.from("]"),
      ]),
      values,
      "json",
    ),
});

testSource({
  name: "file-source (CSV)",
  isReplayable: true,
  holds: () => true,
  // Rows are made up: of about the size that the values have.
  prepare: async (values) => {
    const texts = values.map(
      ({ length }, index) => [String(index), "x".repeat(Math.max(0, length - 100))] as const,
    );
    const rows = texts.map(([index, text]) => `${index},${text}\r\n`);
    const records = texts.map(([index, text]) => Buffer.from(JSON.stringify({ index, text })));
    return fixtureOf(Buffer.from(`index,text\r\n${rows.join("")}`), records, "csv");
  },
  poisoned: async () =>
    fixtureOf(
      Buffer.from("a\n1\n2,3\n4\n"),
      ['{"a":"1"}', '{"a":"4"}'].map((text) => Buffer.from(text)),
      "csv",
    ),
});

for (const members of [1, 7]) {
  testSource({
    name: `file-source (lines of a gzip archive with ${members} members)`,
    isReplayable: true,
    holds: (value) => !value.includes(lineFeed) && value.at(-1) !== 13,
    prepare: async (values) => {
      const lines = Buffer.concat(values.flatMap((value) => [value, Buffer.from("\n")]));
      const size = Math.ceil(lines.length / members);
      const parts = Array.from({ length: members }, (_, i) =>
        gzipSync(lines.subarray(i * size, (i + 1) * size), { level: 1 }),
      );
      return fixtureOf(Buffer.concat(parts), values, "lines", "in.gz");
    },
  });
}

testSource({
  name: "file-source (a pattern)",
  isReplayable: true,
  holds: (value) => !value.includes(lineFeed) && value.at(-1) !== 13,
  prepare: async (values) => {
    const folder = tempFolder();
    for (let i = 0; i < 3; i++) {
      const third = values.slice((values.length * i) / 3, (values.length * (i + 1)) / 3);
      writeFileSync(
        join(folder, `${i}.log`),
        Buffer.concat(third.flatMap((value) => [value, Buffer.from("\n")])),
      );
    }
    return {
      values,
      create: (options) => sourceOf("file-source", { path: "*.log" }, testContext({ folder, ...options })),
    };
  },
  waiting: () => {
    const folder = tempFolder();
    return sourceOf(
      "file-source",
      { path: "*.log", follow: true },
      testContext({ folder, once: false, clock: new ManualClock() }),
    );
  },
  broken: () => sourceOf("file-source", { path: "*.log" }, testContext({ folder: tempFolder() })),
});

testSource({
  name: "file-source (that follows)",
  isReplayable: true,
  holds: (value) => !value.includes(lineFeed) && value.at(-1) !== 13,
  prepare: async (values) => {
    const folder = tempFolder();
    writeFileSync(join(folder, "in"), Buffer.concat(values.flatMap((value) => [value, Buffer.from("\n")])));
    return {
      values,
      // With --once it does not wait at the end.
      create: (options) =>
        sourceOf("file-source", { path: "in", follow: true }, testContext({ folder, ...options })),
    };
  },
  waiting: () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "in"), "not ended");
    return sourceOf(
      "file-source",
      { path: "in", follow: true },
      testContext({ folder, once: false, clock: new ManualClock() }),
    );
  },
});

function valuesIn(bytes: Buffer): Uint8Array[] {
  const values: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    values.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return values;
}

function linesIn(bytes: Buffer): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(lineFeed, at);
    lines.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return lines;
}

testSink({
  name: "file-sink (length-prefixed)",
  holds: () => true,
  async prepare() {
    const folder = tempFolder();
    const file = join(folder, "out");
    return {
      create: () => sinkOf("file-sink", { path: "out" }, testContext({ folder }), "length-prefixed"),
      stored: async () => valuesIn(readFileSync(file)),
      tear: async () => truncateSync(file, (await stat(file)).size - 5),
    };
  },
});

testSink({
  name: "file-sink (a gzip archive)",
  holds: (value) => !value.includes(lineFeed),
  async prepare() {
    const folder = tempFolder();
    const file = join(folder, "out.gz");
    return {
      create: () => sinkOf("file-sink", { path: "out.gz" }, testContext({ folder })),
      stored: async () => {
        const packed = readFileSync(file);
        return packed.length === 0 ? [] : linesIn(gunzipSync(packed));
      },
    };
  },
});

testSink({
  name: "file-sink (that rotates)",
  holds: (value) => !value.includes(lineFeed),
  async prepare() {
    const folder = tempFolder();
    return {
      create: () =>
        sinkOf("file-sink", { path: "out.log", rotate: { size: 500_000 } }, testContext({ folder })),
      stored: async () => {
        const { readdirSync } = await import("node:fs");
        const old = readdirSync(folder)
          .filter((name) => name.startsWith("out-"))
          .sort();
        return [...old, "out.log"].flatMap((name) => linesIn(readFileSync(join(folder, name))));
      },
    };
  },
});
