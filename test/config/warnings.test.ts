import { describe, expect, test } from "vitest";
import { inbound, outbound, readConfig } from "./read-config.ts";

async function warningsOf(config: string): Promise<readonly string[]> {
  const { problems, warnings } = await readConfig(config);
  expect(problems).toEqual([]);
  return warnings;
}

describe("a config warns", () => {
  test("of unknown keys where Fluvio ignores them", async () => {
    const config =
      "apiversion: 5\nmeta:\n  name: a\n  type: file-sink\n  topic: b\n  tpye: c\n  consumer: { idd: d, offset: { strat: e } }\nfile:\n  path: f\n  apend: false\ntransforms:\n  - uses: g.wasm\n    invoke: filter\n    onerror: skip\ntransform: []\nproducer: {}\n";
    expect(await warningsOf(config)).toEqual([
      '1:1 apiversion: unknown key, ignored; did you mean "apiVersion"?',
      "6:3 meta.tpye: unknown key, ignored",
      '7:15 meta.consumer.idd: unknown key, ignored; did you mean "id"?',
      '7:33 meta.consumer.offset.strat: unknown key, ignored; did you mean "start"?',
      '10:3 file.apend: unknown key, ignored; did you mean "append"?',
      "13:5 transforms[0].invoke: has no effect: the module itself says what it does with records",
      '14:5 transforms[0].onerror: unknown key, ignored; did you mean "onError"?',
      "15:1 transform: unknown key, ignored",
      "16:1 producer: unknown key, ignored; it belongs under `meta:`",
    ]);
  });

  test("of the section of another connector", async () => {
    expect(await warningsOf(inbound("file:\n  path: a\n"))).toEqual([
      "7:1 file: the section of another connector, ignored",
    ]);
  });

  test("of what Fluvio heeds on the way in", async () => {
    const meta =
      "  producer: { linger: 5ms, compression: gzip, batch_size: 16 MB }\n  consumer: { partition: 1 }\n";
    const config = `meta:\n  name: a\n  type: generate-source\n  topic: b\n  secrets: [{ name: KEY }]\n${meta}`;
    expect(await warningsOf(config)).toEqual([
      '5:21 meta.secrets[0].name: there is no secret "KEY", and nothing uses it',
      "6:15 meta.producer.linger: has no effect: records are stored as soon as they come",
      "6:28 meta.producer.compression: has no effect: a topic keeps its records uncompressed",
      "7:3 meta.consumer: has no effect in an inbound pipeline",
    ]);
  });

  test("of what Fluvio heeds on the way out", async () => {
    const meta =
      "  producer: { compression: gzip }\n  consumer:\n    partition: [0, 1]\n    max_bytes: 1 MB\n    offset:\n      strategy: none\n      flush-period: { secs: 10, nanos: 0 }\n";
    expect(await warningsOf(outbound("", meta))).toEqual([
      "5:3 meta.producer: has no effect in an outbound pipeline",
      "7:5 meta.consumer.partition: has no effect: a topic has one partition, and all its records are read",
      "8:5 meta.consumer.max-bytes: has no effect: records are read in the batches in which they were stored",
      "11:7 meta.consumer.offset.flush-period: has no effect: positions are stored after each batch that the sink accepts",
    ]);
  });

  test("of what describes the topics of a cluster", async () => {
    const topic =
      "    version: 0.1.0\n    meta: { name: b }\n    partition: { count: 3 }\n    retention: { time: 2d }\n    compression: { type: Lz4 }\n";
    const config = `apiVersion: 0.2.0\nmeta:\n  name: a\n  type: generate-source\n  topic:\n${topic}`;
    expect(await warningsOf(config)).toEqual([
      "8:5 meta.topic.partition: has no effect: a topic has one partition",
      "9:5 meta.topic.retention: has no effect: a topic keeps all its records",
      "10:5 meta.topic.compression: has no effect: a topic keeps its records uncompressed",
    ]);
  });

  test("of a topic for dead letters that nothing makes", async () => {
    expect(await warningsOf(inbound("millrace: { dead-letter-topic: a }\n"))).toEqual([
      "7:13 millrace.dead-letter-topic: has no effect, since no `onError` says `dead-letter`",
    ]);
  });

  test("of tags and directives that mean nothing", async () => {
    expect(
      await warningsOf("%FOO bar\n---\nmeta: { name: !x a, type: generate-source, topic: b }\n"),
    ).toEqual(["1:1 Unknown directive %FOO; ignored", "3:15 Unresolved tag: !x; ignored"]);
  });

  test("not of values that ask for what happens anyway, nor of keys that hold anchors", async () => {
    const meta =
      "  secrets: []\n  version: 0.3.5\n  consumer: { partition: all, id: c, offset: { strategy: auto, start: end } }\n";
    expect(await warningsOf(outbound("x-anchors: &a { b: c }\ntransforms: []\n", meta))).toEqual([]);
    expect(
      await warningsOf(outbound("", "  consumer: { partition: 0, offset: { strategy: manual } }\n")),
    ).toEqual([]);
  });
});
