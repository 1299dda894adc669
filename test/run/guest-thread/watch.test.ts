import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type InHand, opening, Progress } from "../../../src/run/guest-thread/progress.ts";
import { Watch } from "../../../src/run/guest-thread/watch.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "hrtime"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A watch over two steps, with deadlines of 100 and 300 ms. */
function watched(): {
  progress: Progress;
  watch: Watch;
  late: InHand[];
  asked: { now: boolean };
  suspicions: number[];
} {
  const progress = new Progress();
  const late: InHand[] = [];
  const asked = { now: true };
  const suspicions: number[] = [];
  const watch = new Watch(
    progress,
    [100, 300],
    () => asked.now,
    () => suspicions.push(progress.read()?.forMs ?? 0),
    (inHand) => late.push(inHand),
  );
  return { progress, watch, late, asked, suspicions };
}

describe("a watch over a guest thread", () => {
  test("deadlineMs: tells of what takes as long as the deadline of its step, and of nothing that takes less", () => {
    const { progress, watch, late, suspicions } = watched();
    watch.start();
    vi.advanceTimersByTime(40);
    progress.begin(7, 0);
    vi.advanceTimersByTime(49);
    expect(suspicions).toEqual([]);
    vi.advanceTimersByTime(50);
    expect([late, suspicions]).toEqual([[], [50]]);
    vi.advanceTimersByTime(1);
    expect(late).toEqual([{ moment: 2, work: 7, step: 0, record: undefined, forMs: 100 }]);
    vi.advanceTimersByTime(10_000);
    expect(late).toHaveLength(1);
  });

  test("counts anew with each step, each record and each batch", () => {
    const { progress, watch, late } = watched();
    watch.start();
    for (const [work, step] of [
      [opening, 0],
      [1, 0],
      [1, 1],
      [2, 0],
    ] as const) {
      progress.begin(work, step);
      vi.advanceTimersByTime(90);
    }
    for (const origin of [0, 1, 2]) {
      progress.begin(2, 0, { origin, part: 0 });
      vi.advanceTimersByTime(90);
    }
    progress.begin(2, 1, { origin: 2, part: 4 });
    vi.advanceTimersByTime(299);
    expect(late).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(late).toMatchObject([{ work: 2, step: 1, record: { origin: 2, part: 4 }, forMs: 300 }]);
  });

  test("has no timer where nothing is asked, and begins again when something is", () => {
    const { progress, watch, late, asked } = watched();
    watch.start();
    progress.begin(1, 0);
    progress.end();
    asked.now = false;
    vi.advanceTimersByTime(1000);
    expect(vi.getTimerCount()).toBe(0);
    asked.now = true;
    progress.begin(2, 0);
    watch.start();
    watch.start();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(100);
    expect(late).toMatchObject([{ work: 2, forMs: 100 }]);
    watch.start();
    watch.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("waits for as long as it takes while a thread has nothing in hand yet", () => {
    const { watch, late } = watched();
    watch.start();
    vi.advanceTimersByTime(100_000);
    expect(late).toEqual([]);
  });

  test("deadlines longer than a timer can wait are no deadline that is over at once", () => {
    const progress = new Progress();
    const late: InHand[] = [];
    const watch = new Watch(
      progress,
      [2 ** 40],
      () => true,
      () => {},
      (inHand) => late.push(inHand),
    );
    progress.begin(1, 0);
    watch.start();
    vi.advanceTimersByTime(5000);
    expect(late).toEqual([]);
    watch.stop();
  });
});

describe("what a guest thread has in hand", () => {
  test("is not told while it is being written, since it could be half of one and half of another", () => {
    const progress = new Progress();
    expect(progress.read()).toBeUndefined();
    progress.begin(1, 2, { origin: 3, part: 4 });
    const before = progress.read();
    expect(before).toMatchObject({ work: 1, step: 2, record: { origin: 3, part: 4 } });
    Atomics.add(progress.cells, 0, 1);
    expect(progress.read()).toBeUndefined();
    Atomics.add(progress.cells, 0, 1);
    expect(progress.read()?.moment).not.toBe(before?.moment);
  });
});
