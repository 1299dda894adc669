import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { silentLogger } from "../../src/base/index.ts";
import { readPlan } from "../../src/config/index.ts";
import { buildModule } from "../../src/devkit/index.ts";
import { causeHeaders } from "../../src/pipeline/dead-letter.ts";
import { openLetter, type PipelineCounts } from "../../src/pipeline/index.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import type { LettersToReplay } from "../../src/run/index.ts";
import { openLmdbStore } from "../../src/topic/index.ts";
import { folderWith } from "../cli/support/millrace.ts";
import { referenceFilter } from "../engine/reference-guests.ts";
import { buildMs } from "../smartmodules/built.ts";
import { importBuilt } from "../support/built.ts";
import { type GuestParts, guestWat } from "../support/guests.ts";
import { compileWat } from "../support/wat.ts";

const { preparePipeline } = await importBuilt<typeof import("../../src/run/prepare.ts")>("run/prepare.ts");

const sources = {
  split: `
    import { Record, Slice } from "millrace/assemblyscript";
    const piece = new Slice();
    export function arrayMap(record: Record): void {
      const at = record.value.at, length = record.value.length;
      let from = 0;
      for (let i = 0; i <= length; i++) {
        if (i < length && load<u8>(at + i) != 44) continue;
        piece.set(at + from, i - from);
        record.emit(piece);
        from = i + 1;
      }
    }`,
  sum: `
    import { Accumulator, JsonPath, Record } from "millrace/assemblyscript";
    const amount = new JsonPath("amount");
    export function aggregate(record: Record, total: Accumulator): void {
      total.integer += <i64>record.json(amount).number;
      record.setValue(total.text);
    }`,
};

/** Takes the exclamation mark from the front of a value. */
const withoutMark: GuestParts = {
  record: `
    (if (i32.eq (call $firstByte (local.get $i)) (i32.const 33)) (then
      (call $setValue (local.get $i) (i32.add (call $valueAt (local.get $i)) (i32.const 1))
        (i32.sub (call $valueLength (local.get $i)) (i32.const 1)))
      (return (i32.const 0x13))))
    (i32.const 1)`,
};

const modules: Record<string, Uint8Array> = {};
beforeAll(async () => {
  // What the first letter of a value says: `!` fails it, `d` drops it.
  modules["check.wasm"] = await compileWat(guestWat(referenceFilter));
  modules["mend.wasm"] = await compileWat(guestWat(withoutMark));
  const folder = await mkdtemp(join(tmpdir(), "millrace-module-"));
  for (const [name, text] of Object.entries(sources)) {
    const source = join(folder, `${name}.ts`);
    await writeFile(source, text);
    modules[`${name}.wasm`] = (await buildModule({ source })).wasm;
  }
  await rm(folder, { recursive: true });
}, buildMs);

interface RunSays {
  readonly counts: PipelineCounts;
  readonly replayed: unknown;
}

async function run(folder: string, config: string, replay?: LettersToReplay): Promise<RunSays> {
  const { plan } = await readPlan(join(folder, config));
  const topicFolder = join(folder, "topics");
  const options = { once: true, topicFolder, log: silentLogger, onSkip() {}, replay };
  const pipeline = await preparePipeline(plan, options);
  await pipeline.run(new AbortController().signal);
  return { counts: pipeline.counts, replayed: pipeline.replayed };
}

/** Values of a topic, of letters with the place where they failed. */
async function valuesIn(folder: string, name: string): Promise<string[]> {
  const store = await openLmdbStore(join(folder, "topics"));
  try {
    const topic = await store.open(name);
    const batch = new Batch();
    const values: string[] = [];
    for (let offset = 0; ; ) {
      const frame = topic.read(offset, batch.buffer);
      if (frame === undefined) return values;
      offset = frame.baseOffset + frame.recordCount;
      for (const record of batch.start(frame)) {
        const { stage, step, by, place, attempt } = openLetter(record.headers)?.cause ?? {};
        const where =
          stage === undefined ? "" : ` (${step ?? by}, ${place?.replace(/^.*\//, "")}, ${attempt})`;
        values.push(`${record.text}${where}`);
      }
      batch.release();
    }
  } finally {
    await store.close();
  }
}

function inbound(isolation: string, ...steps: readonly string[]): string {
  return [
    "meta: { name: in, type: file-source, topic: records }",
    "file: { path: input.txt }",
    "transforms:",
    ...steps.map((step) => `  - { uses: ${step} }`),
    `millrace: { onError: dead-letter, isolation: ${isolation} }`,
    "",
  ].join("\n");
}

describe.each(["inline", "thread"])("dead letters of real modules, isolation %s", (isolation) => {
  test("come from a step in the middle of a chain, and from what an array-map made", async () => {
    const folder = await folderWith({
      ...modules,
      "in.yaml": inbound(isolation, "check.wasm", "split.wasm", "check.wasm"),
      "input.txt": "a,b\n!c\nd\ne,!f,!g\nh\n",
    });
    const { counts } = await run(folder, "in.yaml");
    expect(counts).toEqual({ read: 5, delivered: 2, filtered: 1, deadLettered: 2, skipped: 0, inFlight: 0 });
    expect(await valuesIn(folder, "records")).toEqual(["a", "b", "e", "h"]);
    expect(await valuesIn(folder, "in-dead-letters")).toEqual([
      "!c (1-check.wasm, input.txt:2, 1)",
      "e,!f,!g (3-check.wasm, input.txt:4, 1)",
    ]);
  });
});

describe("a replay of an inbound pipeline", () => {
  const letters = { topic: "in-dead-letters", pipeline: "in" };

  test("brings mended records to the topic once, and the source goes on where it was", async () => {
    const folder = await folderWith({
      ...modules,
      "in.yaml": inbound("inline", "check.wasm"),
      "mended.yaml": inbound("inline", "mend.wasm"),
      "input.txt": "a\n!b\n",
    });
    await run(folder, "in.yaml");
    const again = await run(folder, "in.yaml", letters);
    expect(again).toMatchObject({ counts: { read: 1, deadLettered: 1 }, replayed: { replayed: 1 } });
    expect(await valuesIn(folder, "in-dead-letters")).toEqual([
      "!b (1-check.wasm, input.txt:2, 1)",
      "!b (1-check.wasm, in-dead-letters@0, 2)",
    ]);
    expect((await run(folder, "mended.yaml", letters)).counts).toMatchObject({ read: 1, delivered: 1 });
    expect((await run(folder, "mended.yaml", letters)).counts).toMatchObject({ read: 0 });
    await appendFile(join(folder, "input.txt"), "c\n");
    await run(folder, "in.yaml");
    expect(await valuesIn(folder, "records")).toEqual(["a", "b", "c"]);
  });

  test("does not bring twice what is in the topic, though its own place was lost", async () => {
    const folder = await folderWith({
      ...modules,
      "in.yaml": inbound("inline", "check.wasm"),
      "mended.yaml": inbound("inline", "mend.wasm"),
      "input.txt": "!a\n!b\n",
    });
    await run(folder, "in.yaml");
    await run(folder, "mended.yaml", letters);
    const store = await openLmdbStore(join(folder, "topics"));
    await (await store.open("in-dead-letters")).commitConsumerOffset("in", 0);
    await store.close();
    expect((await run(folder, "mended.yaml", letters)).counts.read).toBe(0);
    expect(await valuesIn(folder, "records")).toEqual(["a", "b"]);
  });

  test("adds to what the pipeline's aggregates have added up", async () => {
    const folder = await folderWith({
      ...modules,
      "in.yaml": inbound("inline", "check.wasm", "sum.wasm"),
      "mended.yaml": inbound("inline", "mend.wasm", "sum.wasm"),
      "input.txt": '{"amount":1}\n!{"amount":10}\n{"amount":100}\n',
    });
    await run(folder, "in.yaml");
    expect(await valuesIn(folder, "records")).toEqual(["1", "101"]);
    expect((await run(folder, "mended.yaml", letters)).counts).toMatchObject({ read: 1, delivered: 1 });
    await appendFile(join(folder, "input.txt"), '{"amount":1000}\n');
    await run(folder, "in.yaml");
    expect(await valuesIn(folder, "records")).toEqual(["1", "101", "111", "1111"]);
  });
});

test("a replay of an outbound pipeline goes to its sink, and its aggregates go on from there", async () => {
  const outbound = (module: string): string =>
    [
      "meta: { name: out, type: file-sink, topic: records }",
      "file: { path: out.txt }",
      `transforms: [{ uses: ${module} }, { uses: sum.wasm }]`,
      "millrace: { onError: dead-letter }",
      "",
    ].join("\n");
  const folder = await folderWith({
    ...modules,
    "in.yaml": inbound("inline", "check.wasm"),
    "out.yaml": outbound("check.wasm"),
    "mended.yaml": outbound("mend.wasm"),
    "input.txt": '{"amount":1}\n{"amount":10}\n',
  });
  await run(folder, "in.yaml");
  await run(folder, "out.yaml");
  const store = await openLmdbStore(join(folder, "topics"));
  const letter = await store.open("out-dead-letters");
  const cause = {
    pipeline: "out",
    source: "topic records",
    place: "records@9",
    offset: 9,
    stage: "filter",
    step: undefined,
    by: "x",
    module: undefined,
    code: "module.record",
    message: "m",
    attempt: 1,
    time: "",
    sample: false,
  };
  await letter.append(Batch.of(frameOf([{ value: '!{"amount":100}', headers: causeHeaders(cause) }])));
  await store.close();
  await run(folder, "mended.yaml", { topic: "out-dead-letters", pipeline: "out" });
  await appendFile(join(folder, "input.txt"), '{"amount":1000}\n');
  await run(folder, "in.yaml");
  await run(folder, "out.yaml");
  expect(await readFile(join(folder, "out.txt"), "utf8")).toBe("1\n11\n111\n1111\n");
});

test("a pipeline cannot read its own dead letters while it makes some", async () => {
  const folder = await folderWith({
    ...modules,
    "in.yaml": inbound("inline", "check.wasm"),
    "loop.yaml": [
      "meta: { name: loop, type: topic-source, topic: copy }",
      "topic: { name: in-dead-letters }",
      "millrace: { onError: dead-letter, dead-letter-topic: in-dead-letters }",
      "",
    ].join("\n"),
    "input.txt": "!a\n",
  });
  await run(folder, "in.yaml");
  await expect(run(folder, "loop.yaml")).rejects.toMatchObject({ code: "topic.loop" });
});
