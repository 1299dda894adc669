import { expect, test } from "vitest";
import type { Message } from "../../../src/cli/output/index.ts";
import { SkipReport } from "../../../src/cli/run/skip-report.ts";
import { limits } from "../../../src/limits.ts";

const failed = { stage: "filter", by: "strict.wasm", code: "module.record", message: "no level" } as const;

function report(): { messages: Message[]; skips: SkipReport } {
  const messages: Message[] = [];
  return { messages, skips: new SkipReport((message) => messages.push(message)) };
}

test("the first records of a stage are told in full, then it is said once that there are more", () => {
  const { messages, skips } = report();
  const { default: shownMax } = limits.skippedShownMax;
  for (let line = 1; line <= shownMax; line++) skips.add({ ...failed, where: { file: "in.log", line } });
  expect(messages).toHaveLength(shownMax);
  expect(messages[0]).toEqual({
    message: "filter strict.wasm skipped a record: no level",
    where: { file: "in.log", line: 1 },
  });
  for (let more = 1; more <= 3; more++) skips.add({ ...failed, where: { file: "in.log" } });
  expect(messages.slice(shownMax)).toEqual([
    { message: "filter strict.wasm skips more records; from here on they are only counted" },
  ]);
  expect(skips.shown).toHaveLength(shownMax);
  expect(skips.shown[shownMax - 1]).toEqual({ ...failed, where: `in.log:${shownMax}` });
});

test("each stage has its own", () => {
  const { messages, skips } = report();
  for (let i = 0; i < limits.skippedShownMax.default; i++) skips.add({ ...failed, where: { topic: "logs" } });
  skips.add({ ...failed, by: "other.wasm", where: { topic: "logs", offset: 7 } });
  expect(messages.at(-1)).toEqual({
    message: "filter other.wasm skipped a record: no level",
    where: { topic: "logs", offset: 7 },
  });
});

test("a text of many lines takes one", () => {
  const { messages, skips } = report();
  skips.add({ ...failed, message: "a\nb", where: { topic: "logs" } });
  expect(messages[0]?.message).toBe("filter strict.wasm skipped a record: a\\nb");
});
