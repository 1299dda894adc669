import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { limits } from "../../src/limits.ts";
import { TailWatch, type WatchFolder } from "../../src/topic/lmdb/tail-watch.ts";

const recheckMs = limits.topicRecheckMs.default;
const settleMs = limits.topicSettleMs.default;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function watchedTail(): {
  tail: TailWatch;
  look: ReturnType<typeof vi.fn>;
  change: () => void;
  watches: string[];
} {
  const watches: string[] = [];
  let onChange = (): void => {};
  const watchFolder: WatchFolder = (folder, listener) => {
    watches.push(`watch ${folder}`);
    onChange = listener;
    return { close: () => watches.push("close") };
  };
  const look = vi.fn();
  return { tail: new TailWatch("/topic", look, watchFolder), look, change: () => onChange(), watches };
}

describe("a tail that is watched", () => {
  test("is looked at when something changed, and again once topicSettleMs have passed without a change", () => {
    const { tail, look, change } = watchedTail();
    tail.start();
    expect(look).toHaveBeenCalledTimes(0);
    change();
    expect(look).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(settleMs - 1);
    change();
    expect(look).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(settleMs - 1);
    expect(look).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(1);
    expect(look).toHaveBeenCalledTimes(3);
    vi.advanceTimersByTime(settleMs);
    expect(look).toHaveBeenCalledTimes(3);
  });

  test("is looked at every topicRecheckMs when nothing is reported", () => {
    const { tail, look } = watchedTail();
    tail.start();
    vi.advanceTimersByTime(recheckMs - 1);
    expect(look).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(1);
    expect(look).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(recheckMs);
    expect(look).toHaveBeenCalledTimes(2);
  });

  test("is left alone once nobody waits, and looked at again with the same watch", () => {
    const { tail, look, change, watches } = watchedTail();
    tail.start();
    tail.start();
    change();
    tail.stop();
    change();
    vi.advanceTimersByTime(recheckMs);
    expect(look).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
    tail.start();
    change();
    expect(look).toHaveBeenCalledTimes(2);
    tail.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(watches).toEqual(["watch /topic", "close"]);
  });

  test("is looked at even where the system cannot watch it", () => {
    const look = vi.fn();
    const tail = new TailWatch("/there/is/no/such/folder", look);
    tail.start();
    vi.advanceTimersByTime(recheckMs);
    expect(look).toHaveBeenCalledTimes(1);
    tail.close();
  });
});
