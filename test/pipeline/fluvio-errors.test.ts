import { beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/index.ts";
import { createInlineProcessor, type FailedRecord, openLetter, Pipeline } from "../../src/pipeline/index.ts";
import { Batch } from "../../src/record/index.ts";
import { createMemoryStore, type Topic } from "../../src/topic/index.ts";
import { openFluvio } from "../support/fluvio.ts";
import { ScriptedSink, ScriptedSource } from "./scripted.ts";

const never = new AbortController().signal;

let letters: Topic;
beforeEach(async () => {
  letters = await createMemoryStore().open("letters", { create: true });
});

/** What the dead letters hold, and which of the steps has failed each. */
function lettersIn(topic: Topic): unknown[] {
  const frame = topic.read(0, new Batch().buffer);
  if (frame === undefined) return [];
  return Array.from(new Batch().load(frame), ({ text, headers }) => {
    const cause = openLetter(headers)?.cause;
    return [text, cause?.step, cause?.code, cause?.message];
  });
}

/** Runs a batch through two modules; the first one fails "x" and traps at "panic", the second fails what is no number. */
async function runBoth(
  values: readonly string[],
  onError: "fail" | "skip" | "dead-letter",
  wasi: "own" | "wasmer" = "own",
) {
  const skipped: FailedRecord[] = [];
  const sink = new ScriptedSink([]);
  const steps = [
    { name: "1-panics", transform: await openFluvio("panics-wasi", { wasi, stateful: false }) },
    { name: "2-halves", transform: await openFluvio("filter-map", { stateful: false }) },
  ];
  const pipeline = new Pipeline({
    source: { name: "scripted-source", port: new ScriptedSource([], [{ values }]) },
    processor: createInlineProcessor(
      steps.map((step) => ({ stage: "shape" as const, sha256: "abc", onError, ...step })),
    ),
    sink: { name: "scripted-sink", port: sink },
    onError,
    clock: systemClock,
    onSkip: (record) => skipped.push(record),
    onDeadLetter: () => {},
    deadLetters: { topic: letters, pipeline: "p" },
  });
  const error = await pipeline.run(undefined, never).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { pipeline, error, skipped, taken: sink.taken };
}

const values = ["2", "error", "4", "no number", "3", "panic", "6", "error", "8"];
const panicked = /^trapped: thread '<unnamed>'.* panicked at .*:\nthis record is poison \(unreachable\)$/;
const failed = [
  ["error", "1-panics", "module.record", "this record is wrong"],
  ["panic", "1-panics", "module.trap", expect.stringMatching(panicked) as string],
  ["error", "1-panics", "module.record", "this record is wrong"],
  ["no number", "2-halves", "module.record", "invalid digit found in string"],
];

describe.each(["own", "wasmer"] as const)(
  "errors in the middle of a batch, in both of two modules, WASI %s,",
  (wasi) => {
    test("cost the records that have them and no other: none passes by the second module", async () => {
      const { pipeline, error, skipped, taken } = await runBoth(values, "skip", wasi);
      expect([error, taken]).toEqual([undefined, ["1", "2", "3", "4"]]);
      expect(pipeline.counts).toMatchObject({
        read: 9,
        delivered: 4,
        filtered: 1,
        skipped: 4,
        deadLettered: 0,
      });
      expect(skipped.map(({ by, code, message }) => [by, code, message])).toEqual(
        failed.map(([, step, code, message]) => [
          step === "1-panics" ? "panics-wasi" : "filter-map",
          code,
          message,
        ]),
      );
    });

    test("are kept as dead letters with the module's own words", async () => {
      const { pipeline, error, taken } = await runBoth(values, "dead-letter", wasi);
      expect([error, taken]).toEqual([undefined, ["1", "2", "3", "4"]]);
      expect(pipeline.counts).toMatchObject({
        read: 9,
        delivered: 4,
        filtered: 1,
        skipped: 0,
        deadLettered: 4,
      });
      expect(lettersIn(letters)).toEqual(failed);
    });
  },
);

test("an error ends the pipeline at its record where nothing else is said, and nothing of its batch arrives unsaid", async () => {
  const { error, taken } = await runBoth(values, "fail");
  expect(error).toMatchObject({ code: "module.record", where: { topic: "scripted", offset: 1 } });
  expect(taken).toEqual([]);
});
