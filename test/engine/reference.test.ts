import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type Chain, type Module, openChain, type TransformCounts } from "../../src/engine/index.ts";
import { Batch, encodeBatch, encodedBytesMax, frameOf, openFrame } from "../../src/record/index.ts";
import { guestModule } from "../support/guests.ts";
import { anyBytes, anyTimestamp, type PlainRecord, plainRecords } from "../support/records.ts";
import {
  type PlainTransform,
  plainFilter,
  plainMap,
  referenceFilter,
  referenceMap,
} from "./reference-guests.ts";

const steps = ["filter", "map", "tight map"] as const;
type Step = (typeof steps)[number];

const modules = new Map<Step, Module>();
const plain: Readonly<Record<Step, PlainTransform>> = {
  filter: plainFilter,
  map: plainMap,
  "tight map": plainMap,
};

beforeAll(async () => {
  modules.set("filter", await guestModule(referenceFilter, "filter"));
  modules.set("map", await guestModule(referenceMap(), "map"));
  // Every value of the records below fits with its brackets, but seldom two of them.
  modules.set("tight map", await guestModule(referenceMap(48), "tight map"));
});

async function open(names: readonly Step[]): Promise<Chain> {
  return openChain(names.map((name) => ({ module: modules.get(name) as Module })));
}

const letters = "dkpbnwyxcthHr!";
/** A value of a few letters is an order for each step of a chain that takes off the letter it has carried out. */
const orders = fc
  .array(fc.constantFrom(...letters), { maxLength: 6 })
  .map((parts) => Buffer.from(parts.join("")));
/** The tight map has room for no more, and would fail what is longer. */
const partBytesMax = 46;
const part = anyBytes.map((bytes) => bytes.slice(0, partBytesMax));
const value = fc
  .oneof(
    orders,
    fc.tuple(orders, anyBytes).map((parts) => Buffer.concat(parts)),
  )
  .map((bytes) => new Uint8Array(bytes).slice(0, partBytesMax));

const records: fc.Arbitrary<readonly PlainRecord[]> = fc
  .record({ keys: fc.boolean(), timestamps: fc.boolean(), headers: fc.boolean() })
  .chain((has) =>
    fc.array(
      fc.record({
        value,
        key: has.keys ? fc.option(part, { nil: undefined }) : fc.constant(undefined),
        timestamp: has.timestamps ? fc.option(anyTimestamp, { nil: undefined }) : fc.constant(undefined),
        headers: has.headers
          ? fc.array(fc.record({ name: fc.string(), value: anyBytes }), { maxLength: 2 })
          : fc.constant([]),
      }),
      { maxLength: 24 },
    ),
  );

interface Failure {
  readonly origin: number;
  readonly by: string;
  readonly message: string;
}

/** What a chain makes of one batch, said in plain JavaScript. */
function expected(
  names: readonly Step[],
  given: readonly PlainRecord[],
): { left: PlainRecord[]; failures: Failure[] } {
  let left = given.map((record, origin) => ({ record, origin }));
  const failures: Failure[] = [];
  for (const name of names) {
    const outcomes = plain[name](left.map(({ record }) => record));
    left = left.flatMap(({ origin }, at) => {
      const outcome = outcomes[at];
      if (outcome?.verdict === "failed") {
        failures.push({ origin, by: name, message: outcome.text });
      }
      return outcome !== undefined && "record" in outcome ? [{ record: outcome.record, origin }] : [];
    });
  }
  return { left: left.map(({ record }) => record), failures };
}

function failuresOf(batch: Batch): Failure[] {
  return batch.failures.map(({ origin, by, message }) => ({ origin, by, message }));
}

function expectToAddUp(counts: TransformCounts): void {
  expect(counts.kept + counts.replaced + counts.dropped + counts.failed).toBe(counts.records);
}

describe("chains of reference modules", () => {
  test("make of random batches what plain JavaScript makes of them", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 4 }),
        fc.array(records, { minLength: 1, maxLength: 4 }),
        async (names, batches) => {
          const chain = await open(names);
          for (const given of batches) {
            const batch = Batch.of(frameOf(given, { offset: 50 }));
            chain.process(batch);
            const { left, failures } = expected(names, given);
            expect(plainRecords(batch)).toEqual(left);
            expect(failuresOf(batch)).toEqual(failures);
            for (const [at, record] of Array.from(batch).entries())
              expect(record.offset).toBe(50 + batch.originOf(at));
            // What is left must also survive being moved on as a frame.
            const bytes = new Uint8Array(encodedBytesMax(batch, { offsets: true }));
            encodeBatch(batch, { bytes, words: new Uint32Array(bytes.buffer), at: 0 }, { offsets: true });
            expect(plainRecords(Batch.of(openFrame(bytes)))).toEqual(left);
            for (const transform of chain.transforms) expectToAddUp(transform.counts);
          }
        },
      ),
      { numRuns: 250 },
    );
  });

  test("count each record once, by what became of it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(records, { maxLength: 3 }), async (batches) => {
        const chain = await open(["tight map", "filter"]);
        const sums = { kept: 0, replaced: 0, dropped: 0, failed: 0 };
        const second = { ...sums };
        for (const given of batches) {
          chain.process(Batch.of(frameOf(given)));
          const first = plainMap(given);
          for (const { verdict } of first) sums[verdict]++;
          const through = first.flatMap((outcome) => ("record" in outcome ? [outcome.record] : []));
          for (const { verdict } of plainFilter(through)) second[verdict]++;
        }
        expect(chain.transforms[0]?.counts).toMatchObject(sums);
        expect(chain.transforms[1]?.counts).toMatchObject(second);
      }),
    );
  });

  test("do not depend on how records are spread over batches, but for what refers to neighbours", async () => {
    const alone = fc.array(
      value.filter((bytes) => !bytes.includes("n".charCodeAt(0))),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(alone, fc.integer({ min: 1, max: 8 }), async (values, size) => {
        const names = ["map", "filter", "tight map"] as const;
        const whole = Batch.of(frameOf(values));
        (await open(names)).process(whole);
        const chain = await open(names);
        const pieces: PlainRecord[] = [];
        for (let from = 0; from < values.length; from += size) {
          const batch = Batch.of(frameOf(values.slice(from, from + size)));
          chain.process(batch);
          pieces.push(...plainRecords(batch));
        }
        expect(pieces).toEqual(plainRecords(whole));
      }),
    );
  });

  test("work on one batch object again and again", async () => {
    const chain = await open(["map", "filter", "tight map"]);
    const reused = new Batch();
    await fc.assert(
      fc.asyncProperty(records, async (given) => {
        const { bytes } = frameOf(given);
        reused.buffer.reserve(bytes.length);
        reused.buffer.bytes.set(bytes);
        reused.start(openFrame(reused.buffer.bytes.subarray(0, bytes.length)));
        chain.process(reused);
        const { left, failures } = expected(["map", "filter", "tight map"], given);
        expect(plainRecords(reused)).toEqual(left);
        expect(failuresOf(reused)).toEqual(failures);
        reused.release();
      }),
    );
  });
});
