import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Module, openChain } from "../../../src/engine/index.ts";
import { Batch, frameOf, type RecordInput } from "../../../src/record/index.ts";
import { fluvioFolder, fluvioModule } from "../../support/fluvio.ts";
import { type Model, type ModelRecord, models, values } from "./models.ts";

const baseTimestamp = 1000;
const utf8 = (text: string): Uint8Array => new Uint8Array(new TextEncoder().encode(text));

interface Given {
  readonly value: string | Uint8Array;
  readonly key: string | undefined;
  readonly timestamp: number | undefined;
}

const anyGiven: fc.Arbitrary<Given> = fc.record({
  value: fc.constantFrom(...values),
  key: fc.option(fc.constantFrom("", "k", "key".repeat(50)), { nil: undefined }),
  // Some are too far from one another for one input.
  timestamp: fc.option(fc.constantFrom(0, 5, 999_999, 2 ** 40), { nil: undefined }),
});
/** Some batches have no column of keys or of times, since none of their records has one. */
const anyBatch = fc.record({ keys: fc.boolean(), timestamps: fc.boolean() }).chain((has) =>
  fc.array(
    anyGiven.map(({ value, key, timestamp }) => ({
      value,
      key: has.keys ? key : undefined,
      timestamp: has.timestamps ? timestamp : undefined,
    })),
    { maxLength: 30 },
  ),
);

/** What the modules make of a batch, one after another, and what they fail. */
function expected(names: readonly string[], lives: readonly ReturnType<Model["start"]>[], batch: Batch) {
  const failures: unknown[] = [];
  let records: ModelRecord[] = Array.from(batch, ({ value, key, timestamp = 0, offset = 0 }, origin) => ({
    offset,
    timestamp,
    origin,
    value: value.slice(),
    key: key === undefined ? undefined : Buffer.from(key).toString(),
  }));
  for (const [i, judge] of lives.entries()) {
    records = records.flatMap((record) => {
      const outcome = judge(record);
      if (typeof outcome !== "string") {
        return outcome.made.map(({ value, key }) => ({
          ...record,
          key,
          value: typeof value === "string" ? utf8(value) : value,
        }));
      }
      failures.push([record.origin, names[i], "module.record", outcome]);
      return [];
    });
  }
  return { records: records.map(({ value, origin, ...rest }) => ({ ...rest, value: [...value] })), failures };
}

function found(batch: Batch) {
  return {
    records: Array.from(batch, ({ value, key, timestamp, offset }) => ({
      offset,
      timestamp,
      key: key === undefined ? undefined : Buffer.from(key).toString(),
      value: [...value],
    })),
    failures: batch.failures.map(({ origin, by, code, message }) => [origin, by, code, message]),
  };
}

const loaded = new Map<string, Promise<Module>>();
function moduleOf(name: string): Promise<Module> {
  const module = loaded.get(name) ?? fluvioModule(name);
  loaded.set(name, module);
  return module;
}

async function expectAsModels(
  names: readonly string[],
  batches: readonly (readonly Given[])[],
  offset: number,
) {
  const steps = names.map(async (name) => ({
    module: await moduleOf(name),
    parameters: models[name]?.parameters ?? {},
  }));
  const chain = await openChain(await Promise.all(steps));
  const lives = names.map((name) => (models[name] as Model).start());
  for (const records of batches) {
    const batch = Batch.of(frameOf(records as RecordInput[], { offset, timestamp: baseTimestamp }));
    const wanted = expected(names, lives, batch);
    chain.process(batch);
    expect(found(batch)).toEqual(wanted);
  }
}

test("each module for Fluvio has a model", () => {
  const built = readdirSync(fluvioFolder).filter((name) => name.endsWith(".wasm"));
  expect(Object.keys(models).sort()).toEqual(built.map((name) => name.slice(0, -".wasm".length)).sort());
});

describe("any records become what the model says, in batches one after another, with", () => {
  test.each(Object.keys(models))("%s", async (name) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyBatch, { maxLength: 3 }),
        fc.constantFrom(0, 7, 2 ** 40),
        (batches, offset) => expectAsModels([name], batches, offset),
      ),
      { numRuns: 12 },
    );
  });
});

test("any two modules one behind the other do what their models do: no failed record hides another from the second", async () => {
  const names = Object.keys(models);
  const one = fc.constantFrom(...names);
  const two = fc.tuple(one, one).filter(([first, second]) => {
    const { needsPlaces = false, parses = false } = models[second] as Model;
    const { makesValues = false } = models[first] as Model;
    return !(needsPlaces && first.startsWith("array-map")) && (!parses || makesValues);
  });
  await fc.assert(
    fc.asyncProperty(two, fc.array(anyBatch, { maxLength: 2 }), (chain, batches) =>
      expectAsModels(chain, batches, 50),
    ),
    { numRuns: 60 },
  );
});
