import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/index.ts";
import type { Transform } from "../../src/engine/index.ts";
import { limits } from "../../src/limits.ts";
import { causeHeaders } from "../../src/pipeline/dead-letter.ts";
import { DeadLetterWriter } from "../../src/pipeline/dead-letter-writer.ts";
import {
  createInlineProcessor,
  createTopicSource,
  type DeadLetterCause,
  type ErrorPolicy,
  type FailedRecord,
  openLetter,
  Pipeline,
  type PipelineParts,
  type Rejection,
  ReplaySource,
} from "../../src/pipeline/index.ts";
import { Batch, FrameBuffer, frameOf, type Header } from "../../src/record/index.ts";
import { createMemoryStore, type Topic } from "../../src/topic/index.ts";
import { anyRecords, plainRecords } from "../support/records.ts";
import { type Journal, ScriptedSink, ScriptedSource, scriptedTransform } from "./scripted.ts";

const never = new AbortController().signal;
const time = 1_764_075_600_000;

interface Letter {
  readonly value: string;
  readonly headers: readonly Header[];
  readonly cause: DeadLetterCause;
}

function lettersIn(topic: Topic): Letter[] {
  const batch = new Batch();
  const letters: Letter[] = [];
  for (let offset = 0; ; ) {
    const frame = topic.read(offset, batch.buffer);
    if (frame === undefined) return letters;
    batch.start(frame);
    for (const record of batch) {
      const letter = openLetter(record.headers);
      if (letter !== undefined) letters.push({ value: record.text, ...letter });
    }
    offset = frame.baseOffset + frame.recordCount;
  }
}

let letters: Topic;
beforeEach(async () => {
  letters = await createMemoryStore().open("letters", { create: true });
});

function partsOf(
  source: ScriptedSource,
  sink: ScriptedSink,
  onError: ErrorPolicy = "dead-letter",
  transforms: readonly Transform[] = [scriptedTransform()],
  told: FailedRecord[] = [],
): PipelineParts {
  return {
    source: { name: "scripted-source", port: source },
    processor: createInlineProcessor(
      transforms.map((transform, index) => ({
        stage: "filter",
        name: `${index + 1}-scripted`,
        transform,
        sha256: "abc",
        onError: "dead-letter",
      })),
    ),
    sink: { name: "scripted-sink", port: sink },
    onError,
    clock: { ...systemClock, now: () => time },
    onSkip: () => {},
    onDeadLetter: (record) => told.push(record),
    deadLetters: { topic: letters, pipeline: "p" },
  };
}

const rejection: Rejection = {
  where: { file: "in.txt", line: 3 },
  code: "record.too-large",
  message: "too long",
  sample: Buffer.from("xxx"),
};

/** Makes of each record one for each of its letters but "!", of which it makes a failure; none of "drop". */
function lettersOfEach(): Transform {
  const base = scriptedTransform();
  return {
    ...base,
    kind: "array-map",
    process(batch) {
      const { values } = batch.columns;
      const next = batch.expansion(undefined, 0, 100);
      let written = 0;
      for (let i = 0; i < batch.count; i++) {
        const { text } = batch.at(i);
        if (text === "drop") continue;
        for (let at = 0; at < text.length; at++) {
          (next.origins as Uint32Array)[written] = batch.originOf(i);
          next.values[written * 2] = (values[i * 2] as number) + at;
          next.values[written * 2 + 1] = 1;
          written++;
        }
      }
      batch.adopt(next, written);
    },
  };
}

/** Fails records of which the value is "!". */
function failsMarks(): Transform {
  const base = scriptedTransform();
  return {
    ...base,
    process(batch) {
      const next = batch.scratch();
      let written = 0;
      for (let i = 0; i < batch.count; i++) {
        const origin = batch.originOf(i);
        if (batch.at(i).text === "!") {
          batch.fail({ origin, by: "marks", code: "module.record", message: "a mark" });
          continue;
        }
        (next.origins as Uint32Array)[written] = origin;
        next.values[written * 2] = batch.columns.values[i * 2] as number;
        next.values[written * 2 + 1] = batch.columns.values[i * 2 + 1] as number;
        written++;
      }
      batch.adopt(next, written);
    },
  };
}

describe("a dead letter", () => {
  test("is the record as it came, with the cause, from the source, a step and the sink", async () => {
    const told: FailedRecord[] = [];
    const sink = new ScriptedSink([], undefined, (value) => value === "refuse");
    const source = new ScriptedSource(
      [],
      [{ values: ["a", "fail x", "refuse", "drop"], rejections: [rejection] }],
    );
    const pipeline = new Pipeline(partsOf(source, sink, "dead-letter", undefined, told));
    await pipeline.run(undefined, never);
    expect(sink.taken).toEqual(["a"]);
    expect(pipeline.counts).toEqual({
      read: 5,
      delivered: 1,
      filtered: 1,
      deadLettered: 3,
      skipped: 0,
      inFlight: 0,
    });
    expect(pipeline.stages.map(({ stage, failed, deadLettered }) => [stage, failed, deadLettered])).toEqual([
      ["source", 1, 1],
      ["filter", 1, 1],
      ["sink", 1, 1],
    ]);
    const common = {
      pipeline: "p",
      source: "scripted-source",
      attempt: 1,
      time: new Date(time).toISOString(),
    };
    expect(lettersIn(letters)).toEqual([
      {
        value: "xxx",
        headers: [],
        cause: {
          ...common,
          place: "in.txt:3",
          offset: undefined,
          stage: "source",
          step: undefined,
          by: "scripted-source",
          module: undefined,
          code: "record.too-large",
          message: "too long",
          sample: true,
        },
      },
      {
        value: "fail x",
        headers: [],
        cause: {
          ...common,
          place: "scripted@1",
          offset: 1,
          stage: "filter",
          step: "1-scripted",
          by: "scripted.wasm",
          module: "scripted.wasm@abc",
          code: "module.record",
          message: "no fail x",
          sample: false,
        },
      },
      {
        value: "refuse",
        headers: [],
        cause: {
          ...common,
          place: "scripted@2",
          offset: 2,
          stage: "sink",
          step: undefined,
          by: "scripted-sink",
          module: undefined,
          code: "record.line-feed",
          message: "refused",
          sample: false,
        },
      },
    ]);
    expect(told.map(({ stage, where }) => ({ stage, where }))).toEqual([
      { stage: "source", where: { file: "in.txt", line: 3 } },
      { stage: "filter", where: { topic: "scripted", offset: 1 } },
      { stage: "sink", where: { topic: "scripted", offset: 2 } },
    ]);
  });

  test("is durable before its batch is written, and one of the sink before the acknowledgement", async () => {
    const journal: Journal = [];
    const append = letters.append.bind(letters);
    letters.append = (batch, source) => {
      journal.push(`letter ${batch.at(0).text}`);
      return append(batch, source);
    };
    const sink = new ScriptedSink(journal, undefined, (value) => value === "refuse");
    const source = new ScriptedSource(journal, [{ values: ["a", "fail", "refuse"] }]);
    await new Pipeline(partsOf(source, sink)).run(undefined, never);
    expect(journal.filter((entry) => !/open|close/.test(entry))).toEqual([
      "letter fail",
      "write 0",
      "letter refuse",
      "flush",
      "ack 0",
    ]);
  });

  test("that cannot be stored ends the run; the batches before arrive, its own does not", async () => {
    const journal: Journal = [];
    letters.append = async () => {
      throw new Error("disk full");
    };
    const sink = new ScriptedSink(journal);
    const source = new ScriptedSource(journal, [{ values: ["a"] }, { values: ["b", "fail"] }]);
    const pipeline = new Pipeline(partsOf(source, sink));
    await expect(pipeline.run(undefined, never)).rejects.toThrow("disk full");
    expect(sink.taken).toEqual(["a"]);
    expect(journal).toContain("ack 0");
    expect(journal).not.toContain("ack 1");
    expect(pipeline.counts).toMatchObject({ read: 3, delivered: 1, deadLettered: 0, inFlight: 2 });
  });

  test("is one for a record of which several parts fail, and counts once, while its other parts arrive", async () => {
    const sink = new ScriptedSink([], undefined, (value) => value === "r");
    const source = new ScriptedSource([], [{ values: ["a!!", "br", "c", "drop", "!r", "rr"] }]);
    const pipeline = new Pipeline(partsOf(source, sink, "dead-letter", [lettersOfEach(), failsMarks()]));
    await pipeline.run(undefined, never);
    expect(sink.taken).toEqual(["a", "b", "c"]);
    expect(lettersIn(letters).map(({ value, cause }) => [value, cause.stage, cause.step])).toEqual([
      ["a!!", "filter", "2-scripted"],
      ["!r", "filter", "2-scripted"],
      ["br", "sink", undefined],
      ["rr", "sink", undefined],
    ]);
    expect(pipeline.counts).toEqual({
      read: 6,
      delivered: 1,
      filtered: 1,
      deadLettered: 4,
      skipped: 0,
      inFlight: 0,
    });
  });

  test("counts before a part that is skipped", async () => {
    const sink = new ScriptedSink([], undefined, (value) => value === "r");
    const source = new ScriptedSource([], [{ values: ["!r", "r", "a"] }]);
    const pipeline = new Pipeline(partsOf(source, sink, "skip", [lettersOfEach(), failsMarks()]));
    await pipeline.run(undefined, never);
    expect(pipeline.counts).toMatchObject({
      read: 3,
      delivered: 1,
      deadLettered: 1,
      skipped: 1,
      inFlight: 0,
    });
  });
});

describe("letters of a batch that did not arrive, and is read again,", () => {
  /** Runs one batch whose letters are stored and which the sink does not take. */
  async function runInVain(values: readonly string[]): Promise<void> {
    const sink = new ScriptedSink([], async () => {
      throw new Error("killed");
    });
    const pipeline = new Pipeline(partsOf(new ScriptedSource([], [{ values }]), sink));
    await expect(pipeline.run(undefined, never)).rejects.toThrow("killed");
  }

  async function run(...readings: readonly (readonly string[])[]): Promise<unknown[]> {
    const source = new ScriptedSource(
      [],
      readings.map((values) => ({ values })),
    );
    const pipeline = new Pipeline(partsOf(source, new ScriptedSink([])));
    await pipeline.run(undefined, never);
    return [pipeline.counts.deadLettered, lettersIn(letters).map(({ value }) => value)];
  }

  test("are not stored twice, but counted", async () => {
    await runInVain(["a", "fail 1", "fail 2"]);
    expect(await run(["a", "fail 1", "fail 2"], ["fail 1"])).toEqual([3, ["fail 1", "fail 2", "fail 1"]]);
  });

  test("are stored anew where they say something else", async () => {
    await runInVain(["a", "fail 1"]);
    expect(await run(["a", "fail 2"])).toEqual([1, ["fail 1", "fail 2"]]);
  });

  test("are stored anew where the batch ends in another place, and later ones always", async () => {
    await runInVain(["fail 1"]);
    // The first reading ends where the one before did, the second does not.
    expect(await run(["a"], ["fail 1"])).toEqual([1, ["fail 1", "fail 1"]]);
  });

  test("are stored anew where they were dropped or replayed", async () => {
    await runInVain(["fail 1"]);
    await letters.trim(1);
    expect(await run(["fail 1"])).toEqual([1, ["fail 1"]]);
    await letters.commitConsumerOffset("p", 2);
    expect(await run(["fail 1"])).toEqual([1, ["fail 1", "fail 1"]]);
  });
});

test("letters of a batch are stored in frames of bounded size", async () => {
  const { default: bytesMax } = limits.deadLetterFrameBytes;
  const value = Buffer.alloc(bytesMax / 4 - 200, "x");
  const appended: number[] = [];
  const append = letters.append.bind(letters);
  letters.append = (batch, source) => {
    appended.push(batch.count);
    return append(batch, source);
  };
  const cause = { ...anyCause, sample: false };
  await new DeadLetterWriter(letters, "p", 3).write(function* () {
    for (let i = 0; i < 10; i++) yield { record: { value }, cause };
  }, undefined);
  expect(appended).toEqual([4, 4, 2]);
  expect(lettersIn(letters)).toHaveLength(10);
});

const anyCause: DeadLetterCause = {
  pipeline: "p",
  source: "s",
  place: "in@1",
  offset: 1,
  stage: "filter",
  step: "1-a",
  by: "a",
  module: "a@b",
  code: "module.record",
  message: "m",
  attempt: 1,
  time: "t",
  sample: false,
};

test("letters are known again by the place after their batch, too", async () => {
  const write = (offset: number): Promise<void> =>
    new DeadLetterWriter(letters, "p", 3).write(() => [{ record: { value: "v" }, cause: anyCause }], {
      offset,
    });
  await write(5);
  await write(5);
  expect(lettersIn(letters)).toHaveLength(1);
  await write(6);
  expect(lettersIn(letters)).toHaveLength(2);
});

test("letters of several batches are known again, up to the first batch that makes other ones", async () => {
  const writeAll = async (
    ...batches: readonly (readonly [value: string, offset: number])[]
  ): Promise<void> => {
    const writer = new DeadLetterWriter(letters, "p", 3);
    for (const [value, offset] of batches) {
      await writer.write(() => [{ record: { value }, cause: anyCause }], { offset });
    }
  };
  const stored = (): string[] => lettersIn(letters).map(({ value }) => value);
  await writeAll(["a", 1], ["b", 2], ["c", 3]);
  await writeAll(["b", 2], ["c", 3]);
  await writeAll(["a", 1], ["c", 3]);
  expect(stored()).toEqual(["a", "b", "c"]);
  await writeAll(["a", 1], ["other", 2], ["c", 3]);
  expect(stored()).toEqual(["a", "b", "c", "other", "c"]);
  // Of more batches than can be in flight, the oldest ones are forgotten.
  await writeAll(["a", 1]);
  expect(stored()).toEqual(["a", "b", "c", "other", "c", "a"]);
});

test("a letter holds all of its record, whatever steps made of it, and a replay brings it back", async () => {
  await fc.assert(
    fc.asyncProperty(anyRecords, async (given) => {
      const store = createMemoryStore();
      const [from, kept] = [
        await store.open("from", { create: true }),
        await store.open("kept", { create: true }),
      ];
      await from.append(Batch.of(frameOf(given)));
      const stored = new Batch();
      const frame = from.read(0, stored.buffer);
      const records = frame === undefined ? [] : plainRecords(stored.start(frame));
      const start = { from: "beginning", skip: 0 } as const;
      const parts = partsOf(new ScriptedSource([], []), new ScriptedSink([]), "dead-letter", [
        emptiesAndFails(),
      ]);
      const run = async (port: PipelineParts["source"]["port"]): Promise<void> =>
        new Pipeline({
          ...parts,
          source: { name: "from", port },
          deadLetters: { topic: kept, pipeline: "p" },
        }).run(undefined, never);
      await run(createTopicSource(from, { consumer: "c", start, once: true }));
      const replay = new ReplaySource(kept, { pipeline: "p" });
      await replay.open(undefined);
      const reading = await replay.read(new FrameBuffer(), never);
      expect(reading === undefined ? [] : plainRecords(Batch.of(reading.frame))).toEqual(records);
      await run(new ReplaySource(kept, { pipeline: "p" }));
      expect(lettersIn(kept).map(({ cause: { attempt } }) => attempt)).toEqual([
        ...records.map(() => 1),
        ...records.map(() => 2),
      ]);
    }),
    // Each run has several buffers of its own.
    { numRuns: 25 },
  );
});

/** Makes nothing of each record, and fails it then. */
function emptiesAndFails(): Transform {
  return {
    ...scriptedTransform(),
    process(batch) {
      const next = batch.scratch();
      for (let i = 0; i < batch.count; i++) {
        batch.fail({ origin: batch.originOf(i), by: "empty", code: "module.record", message: "no" });
      }
      next.values.fill(0);
      batch.adopt(next, 0);
    },
  };
}

test("a letter that is too large is not stored, and the error says of which record", async () => {
  const headers = [{ name: "h", value: new Uint8Array(limits.recordBytesMax.default - 16) }];
  const letter = { record: { value: "v", headers }, cause: anyCause };
  await expect(new DeadLetterWriter(letters, "p", 3).write(() => [letter], undefined)).rejects.toMatchObject({
    code: "record.too-large",
    where: { topic: "letters" },
    hint: expect.stringContaining("in@1"),
  });
});

test("a letter comes apart into the record's own headers and the cause, letters of letters too", () => {
  const text = fc.string({ unit: "grapheme" });
  const maybe = fc.option(text, { nil: undefined });
  const causes = fc.record({
    pipeline: text,
    source: text,
    place: text,
    offset: fc.option(fc.nat(), { nil: undefined }),
    stage: text,
    step: maybe,
    by: text,
    module: maybe,
    code: text,
    message: text,
    attempt: fc.nat(),
    time: text,
    sample: fc.boolean(),
  });
  fc.assert(
    fc.property(anyRecords, causes, causes, (records, first, second) => {
      const own = records[0]?.headers ?? [];
      const once = [...own, ...causeHeaders(first)];
      expect(openLetter(once)).toEqual({ headers: own, cause: first });
      expect(openLetter([...once, ...causeHeaders(second)])).toEqual({ headers: once, cause: second });
      expect(openLetter(own)).toBeUndefined();
    }),
  );
});
