import { expect, test } from "vitest";
import { guestFile } from "../../../bench/guests/guest-files.ts";
import { logRecords } from "../../../bench/log-records.ts";
import { type ChainStep, openChain } from "../../../src/engine/index.ts";
import { loadModuleFile } from "../../../src/modules/index.ts";
import { Batch, frameOf } from "../../../src/record/index.ts";
import { texts } from "../../support/records.ts";

const modules: readonly (readonly [string, ChainStep["parameters"]])[] = [
  [guestFile.keep, {}],
  [guestFile.search, {}],
  [guestFile.serdeFilter, {}],
  [guestFile.jsonFilter, { field: "level", operator: "==", value: "error" }],
  [guestFile.jsonPick, { fields: JSON.stringify({ service: "service", status: "status" }) }],
];

interface Run {
  readonly texts: readonly string[];
  readonly fuel: number;
}

async function runAll(file: string, parameters: ChainStep["parameters"], fuel: boolean): Promise<Run> {
  const chain = await openChain([{ module: await loadModuleFile(file, { fuel }), parameters }]);
  const made = [100, 1024, 10_240].flatMap((bytes) => {
    const batch = Batch.of(frameOf([...logRecords(100, bytes), "no JSON", ""]));
    chain.process(batch);
    return [...texts(batch), ...batch.failures.map(({ origin, message }) => `${origin} ${message}`)];
  });
  return { texts: made, fuel: chain.transforms[0]?.counts.fuel ?? -1 };
}

test.each(modules)(
  "%s does the same with and without a meter, for the same fuel each time",
  async (file, parameters) => {
    const free = await runAll(file, parameters, false);
    const metered = await runAll(file, parameters, true);
    expect(metered.texts).toEqual(free.texts);
    expect(free.fuel).toBe(0);
    expect(metered.fuel).toBeGreaterThan(306);
    expect((await runAll(file, parameters, true)).fuel).toBe(metered.fuel);
  },
);

test("the fuel is the same on each machine and each version of Node", async () => {
  const fuels: number[] = [];
  for (const file of [guestFile.keep, guestFile.search, guestFile.serdeFilter]) {
    fuels.push((await runAll(file, {}, true)).fuel);
  }
  expect(fuels).toEqual([4059, 1_222_332, 215_784_576]);
});
