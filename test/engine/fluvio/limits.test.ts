import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type GuestLimits, loadModule, openChain } from "../../../src/engine/index.ts";
import { Batch, frameOf, type RecordInput } from "../../../src/record/index.ts";
import { fluvioFolder } from "../../support/fluvio.ts";
import { texts } from "../../support/records.ts";

async function runWith(
  name: string,
  limits: Partial<GuestLimits>,
  records: readonly (RecordInput | string)[],
) {
  const module = await loadModule(readFileSync(join(fluvioFolder, `${name}.wasm`)), name, limits);
  const { transforms, process } = await openChain([{ module }]);
  const batch = Batch.of(frameOf(records));
  process(batch);
  return { batch, counts: transforms[0]?.counts };
}

describe("of what is made of one record", () => {
  test("bytes: as many as may be are taken, and one more fails it alone", async () => {
    const records = ["abcde", { value: "ab", key: "k" }, "abcdef", { value: "ab", key: "kk" }, ""];
    const { batch, counts } = await runWith("map", { recordOutputBytesMax: 5 }, records);
    expect(texts(batch)).toEqual(["ABCDE", "AB", ""]);
    expect(batch.failures.map(({ origin, code, message }) => [origin, code, message])).toEqual([
      [2, "module.record", expect.stringContaining("its output has 6 bytes, and 5 is the limit")],
      [3, "module.record", expect.stringContaining("its output has 6 bytes, and 5 is the limit")],
    ]);
    expect(counts).toMatchObject({ records: 5, replaced: 3, failed: 2 });
  });

  test("records and their bytes: as many as may be are taken, and one more fails it alone", async () => {
    const limits = { recordExpansionMax: 2, recordOutputBytesMax: 10 };
    const records = ['["a","b"]', '["a","b","c"]', '["abc","abc"]', '["abc","abcd"]', "[]"];
    const { batch, counts } = await runWith("array-map", limits, records);
    const made = texts(batch);
    expect(batch.failures.map(({ origin }) => origin)).toEqual([1, 3]);
    expect(made).toHaveLength(4);
    expect(counts).toMatchObject({ records: 5, expanded: 2, emitted: 4, dropped: 1, failed: 2 });
  });
});
