import { describe, expect, test } from "vitest";
import { type LoadedContender, loadContender } from "../../../src/devkit/bench/contender.ts";
import { batchFrames } from "../../../src/devkit/bench/frames.ts";
import { runSlice, runSplitSlice, type Work } from "../../../src/devkit/bench/slice.ts";
import { clockCostMs } from "../../../src/devkit/bench/timer.ts";
import { guestWat, store } from "../../support/guests.ts";
import { compileWat } from "../../support/wat.ts";

const keep = "(i32.const 1)";

async function contenderOf(record: string, init?: string): Promise<LoadedContender> {
  const bytes = await compileWat(
    guestWat({ transform: "filter", record, ...(init === undefined ? {} : { init }) }),
  );
  return loadContender({ name: "guest.wasm", file: "guest.wasm", bytes, parameters: new Map(), fuel: true });
}

function workOf(batches: number): Work {
  const records = Array.from({ length: 6 }, (_, index) => ({ value: `record ${index}` }));
  return { frames: batchFrames(records, 3).frames, batches };
}

/** A clock that takes a time to be asked, and between two certain questions of each batch much more. */
function slowClock(costMs: number, workMs: (asked: number) => number): () => number {
  let ms = 0;
  let asked = 0;
  return () => {
    ms += costMs + workMs(asked++);
    return ms;
  };
}

describe("a slice", () => {
  test("does the work with an instance of its own, and gives the time of each batch", async () => {
    const contender = await contenderOf(keep);
    // The clock is asked before and after the opening, and before and after each batch.
    const now = slowClock(1, (asked) => (asked >= 2 && asked % 2 === 1 ? 10 * asked : 0));
    const { batchMs, records, transform, instantiateMs } = await runSlice(contender, workOf(4), now, 1);
    expect({ batchMs, records, instantiateMs }).toEqual({
      batchMs: [30, 50, 70, 90],
      records: 12,
      instantiateMs: 1,
    });
    expect(transform.counts).toMatchObject({ batches: 4, records: 12 });
    expect(transform.memoryBytes % 65_536).toBe(0);
    const again = await runSlice(contender, workOf(1), now, 1);
    expect(again.transform.counts.records).toBe(3);
  });

  test("is split into host and module, without what the clock takes", async () => {
    const contender = await contenderOf(keep);
    // Asked in each batch: around it twice, at its start, and behind the move, the call, the answer and the end.
    const hostMs = 7;
    const guestMs = 20;
    const now = slowClock(1, (asked) => (asked % 7 === 2 ? hostMs : asked % 7 === 3 ? guestMs : 0));
    const split = await runSplitSlice(contender, workOf(3), now, 1);
    expect(split).toEqual({ hostMs: [hostMs, hostMs, hostMs], guestMs: [guestMs, guestMs, guestMs] });
  });

  test("ends with what ends its module", async () => {
    // It says that it keeps something, which would be lost with it.
    const contender = await contenderOf("(i32.const 77)", `${store("flags", 1)} (i32.const 0)`);
    await expect(runSlice(contender, workOf(1), () => 0, 0)).rejects.toMatchObject({ code: "module.answer" });
  });
});

test("what asking a clock takes is that of the least disturbed try", () => {
  const now = slowClock(0.5, (asked) => (asked % 20_000 === 5 ? 1000 : 0));
  expect(clockCostMs(now)).toBeCloseTo(0.5, 3);
});
