import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LiveArea, Output } from "../../../src/cli/output/index.ts";
import { Progress } from "../../../src/cli/run/progress.ts";
import type { StageCounts } from "../../../src/pipeline/index.ts";
import { FakeStream } from "../support/fake-stream.ts";
import { screenOf } from "../support/terminal-screen.ts";

const columns = 80;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const nothing = { dropped: 0, failed: 0, deadLettered: 0, retried: 0 };

function stagesAt(count: number): StageCounts[] {
  return [
    { ...nothing, stage: "source", name: "file-source", in: count, out: count },
    { ...nothing, stage: "filter", name: "json-filter.wasm", in: count, out: count / 2, dropped: count / 2 },
  ];
}

function progressOn(
  isTTY: boolean,
  stages: () => readonly StageCounts[],
): { stream: FakeStream; progress: Progress } {
  const stream = new FakeStream({ isTTY, columns });
  const output = new Output(stream, "standard error", { LANG: "C.UTF-8" });
  const progress = new Progress({
    screen: new LiveArea(output),
    style: output.style,
    columnsMax: () => output.columns,
    stages,
    now: () => Date.now(),
  });
  return { stream, progress };
}

test("on a terminal there is one line for each stage, kept up to date in place", () => {
  let stages: StageCounts[] = [];
  const { stream, progress } = progressOn(true, () => stages);
  progress.start();
  expect(stream.text).toBe("");
  stages = stagesAt(0);
  vi.advanceTimersByTime(250);
  stages = stagesAt(1000);
  vi.advanceTimersByTime(250);
  expect(screenOf(stream.text, columns)).toEqual([
    "stage   name                 in    out  dropped  failed  letters  records/s",
    "source  file-source       1,000  1,000        0       0        0      4,000",
    "filter  json-filter.wasm  1,000    500      500       0        0      4,000",
    "",
  ]);
  progress.stop();
  expect(screenOf(stream.text, columns)).toEqual([""]);
});

test("after the end nothing is drawn any more", () => {
  const { stream, progress } = progressOn(true, () => stagesAt(10));
  progress.start();
  progress.stop();
  const { text } = stream;
  vi.advanceTimersByTime(1000);
  expect(stream.text).toBe(text);
});

test("in a pipe there is none of it", () => {
  const { stream, progress } = progressOn(false, () => stagesAt(10));
  progress.start();
  vi.advanceTimersByTime(1000);
  progress.stop();
  expect(stream.text).toBe("");
});
