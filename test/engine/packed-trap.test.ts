import { describe, expect, test } from "vitest";
import { openChain } from "../../src/engine/index.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { guestModule, openGuest, store } from "../support/guests.ts";
import { texts } from "../support/records.ts";
import { referenceMap } from "./reference-guests.ts";
import { expectFailure, run } from "./run.ts";

describe("timings", () => {
  test("add up to what passed between the first and the last look at the clock", async () => {
    let ms = 0;
    const now = (): number => ms++;
    const { transforms, process } = await openChain([{ module: await guestModule(referenceMap(8)) }], {
      now,
    });
    process(Batch.of(frameOf(["b1", "b2", "b3"])));
    const { copyInMs, guestMs, gatherMs } = transforms[0]?.counts ?? { copyInMs: 0, guestMs: 0, gatherMs: 0 };
    expect(copyInMs + guestMs + gatherMs).toBe(ms - 1);
    expect([copyInMs, guestMs]).toEqual([1, 2]);
  });

  test("are 0 without a clock", async () => {
    const transform = await openGuest(referenceMap());
    run(transform, ["b"]);
    expect(transform.counts).toMatchObject({ copyInMs: 0, guestMs: 0, gatherMs: 0 });
  });
});

describe("a trap", () => {
  test("comes with the text that the module left for it", async () => {
    const transform = await openGuest({
      record: `${store("errorAt", 4096)} ${store("errorBytes", 7)} (unreachable)`,
      extra: '(data (i32.const 4096) "no luck")',
    });
    expectFailure(
      () => run(transform, ["a"]),
      "module.trap",
      "guest trapped at record 0 of its batch: no luck (unreachable)",
    );
  });

  test("names the record that the module had in hand, and keeps the cause", async () => {
    const transform = await openGuest({
      record:
        "(if (i32.eq (call $firstByte (local.get $i)) (i32.const 33)) (then (unreachable))) (i32.const 1)",
    });
    const error = expectFailure(
      () => run(transform, ["a", "b", "!"]),
      "module.trap",
      "guest trapped at record 2 of its batch: unreachable",
    );
    expect(error.where).toEqual({ module: "guest", export: "millrace_map" });
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.category).toBe("run");
  });

  test("leaves the frame as it was", async () => {
    const transform = await openGuest({
      body: `(memory.fill (call $inputAt) (i32.const 1) (call $inputBytes)) (unreachable)`,
    });
    const batch = Batch.of(frameOf(["a", "b"]));
    const before = batch.frame.bytes.slice();
    expectFailure(() => transform.process(batch), "module.trap", "trapped");
    expect(batch.frame.bytes).toEqual(before);
    expect(texts(batch)).toEqual(["a", "b"]);
  });
});

test("the cursor may be nonsense and hurts nobody", async () => {
  const transform = await openGuest({ record: `${store("cursor", -1)} (unreachable)` });
  expectFailure(() => run(transform, ["a"]), "module.trap", "at record 4294967295 of its batch");
});
