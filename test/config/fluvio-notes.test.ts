// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of configs
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readPlan } from "../../src/config/index.ts";
import { formatWhere } from "../../src/errors.ts";

async function notesOf(text: string): Promise<string[]> {
  const { fluvio } = await readPlan("p.yaml", { text, secrets: { environment: { KEY: "some-key" } } });
  return fluvio().map(
    ({ where, effect, message }) => `${formatWhere(where).replace("p.yaml:", "")} ${effect} ${message}`,
  );
}

const path =
  "Fluvio takes modules by their names; `fluvio smartmodule create NAME --wasm-file FILE` gives it one";

describe("what Fluvio makes of a config", () => {
  test("is nothing else where it was written for it", async () => {
    const text =
      "apiVersion: 0.1.0\nmeta: { name: a, type: http-source, topic: b, version: 0.5.0, secrets: [{ name: KEY }], producer: { linger: 1ms } }\n" +
      "http:\n  endpoint: http://${{ secrets.KEY }}/\n  user_agent: me\nx-notes: [1]\n";
    expect(await notesOf(text)).toEqual([]);
  });

  test("is told of all that is ours", async () => {
    const text =
      "apiVersion: 0.1.0\nmeta:\n  name: a\n  type: http-source\n  topic: b\n  consumer: {}\n  other: 1\n" +
      "http:\n  endpoint: http://127.0.0.1/\n  timeout: 3s\n" +
      "filter: { uses: ./a.wasm }\nmillrace: { onError: skip }\n";
    expect(await notesOf(text)).toEqual([
      "2:1 refused meta.version: missing; Fluvio needs the version of its connector",
      "6:3 ignored meta.consumer: it is for the other direction",
      "7:3 ignored meta.other: Fluvio has no such key",
      "10:3 ignored http.timeout: Fluvio has no such key",
      "11:1 ignored filter: its modules would not run; Fluvio runs those under `transforms:`",
      "12:1 ignored millrace: Fluvio has no such key",
    ]);
  });

  test("is told of steps", async () => {
    const text =
      "apiVersion: 0.1.0\nmeta: { name: a, type: http-source, topic: b, version: 0.5.0 }\nhttp: { endpoint: http://127.0.0.1/ }\n" +
      "transforms:\n  - uses: ./a.wasm\n    lookback: { last: 1 }\n    onError: skip\n";
    expect(await notesOf(text)).toEqual([
      `5:11 refused transforms[0].uses: ${path}`,
      "6:5 different transforms[0].lookback: Fluvio's sources do not look back; with a module that does, they do not start",
      "7:5 ignored transforms[0].onError: Fluvio has no such key",
    ]);
  });

  test("is told of a consumer", async () => {
    const head = "apiVersion: 0.1.0\nmeta:\n  { name: a, type: http-sink, topic: b, version: 0.3.0";
    const tail = " }\nhttp: { endpoint: http://127.0.0.1/ }\n";
    expect(await notesOf(`${head}${tail}`)).toEqual([
      "2:1 different meta.consumer: without `offset.start`, Fluvio begins at the end of the topic",
    ]);
    const offset = "{ start: end, strategy: auto, flush-period: 10s }";
    expect(await notesOf(`${head},\n    consumer: { offset: ${offset} }${tail}`)).toEqual([
      "4:5 refused meta.consumer.id: missing; Fluvio needs it for the strategy auto",
      expect.stringMatching(/^4:\d+ refused meta\.consumer\.offset\.flush-period: Fluvio wants a mapping/),
    ]);
    expect(await notesOf(`${head},\n    consumer: { offset: { start: end } }${tail}`)).toEqual([
      expect.stringMatching(/^4:\d+ refused meta\.consumer\.offset\.strategy: missing/),
    ]);
  });

  test("is told of secrets that it would not fill in", async () => {
    const text =
      "meta: { name: a, type: http-source, topic: b, version: 0.5.0 }\nhttp: { endpoint: 'http://${{ secrets.KEY }}/' }\n";
    expect(await notesOf(text)).toEqual([
      "2:19 refused http.endpoint: Fluvio fills in secrets from `apiVersion: 0.1.0` on",
    ]);
    expect(await notesOf(`apiVersion: 0.1.0\n${text}`)).toEqual([
      "3:19 refused http.endpoint: Fluvio fills in KEY where `meta.secrets` names it",
    ]);
  });

  test("is told of a connector that it has not, and of a form of before 2023", async () => {
    expect(await notesOf("meta: { name: a, type: generate-source, topic: b, version: 1 }\n")).toEqual([
      "1:24 refused meta.type: Fluvio has no connector generate-source of its own",
    ]);
    const { fluvio } = await readPlan(join(import.meta.dirname, "../fixtures/configs/2021-http.yaml"));
    expect(fluvio().map(({ message }) => message)).toEqual([
      "Fluvio takes configs with `meta:` only, since 2023",
    ]);
  });
});
