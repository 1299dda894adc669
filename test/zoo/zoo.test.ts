import process from "node:process";
import { afterEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../src/base/index.ts";
import { loadModule, type Module, openChain, partsOf, type TransformCounts } from "../../src/engine/index.ts";
import type { Processor } from "../../src/pipeline/index.ts";
import { Batch, FrameBuilder, frameOf } from "../../src/record/index.ts";
import { importBuilt } from "../support/built.ts";
import { fluvioWat } from "../support/fluvio.ts";
import { guestWat } from "../support/guests.ts";
import { texts } from "../support/records.ts";
import { compileWat } from "../support/wat.ts";
import { type Animal, animals, type Misbehaviour } from "./animals.ts";
import { fluvioAnimals } from "./fluvio-animals.ts";

const { openProcessor } = await importBuilt<typeof import("../../src/run/processor.ts")>("run/processor.ts");

const opened: Processor[] = [];
afterEach(async () => {
  for (const processor of opened.splice(0)) await processor.close();
});

/** A module of any ABI, as text. */
interface Stranger extends Pick<Misbehaviour, "fuelPerRecord" | "needsThread" | "batchOutputBytesMax"> {
  readonly wat: string;
}

const zoo: Readonly<Record<string, Misbehaviour & Stranger>> = Object.fromEntries([
  ...Object.entries(animals).map(
    ([what, animal]) => [what, { ...animal, wat: guestWat(animal.parts) }] as const,
  ),
  ...Object.entries(fluvioAnimals).map(
    ([what, animal]) => [`(built for Fluvio) ${what}`, { ...animal, wat: fluvioWat(animal.parts) }] as const,
  ),
]);

async function moduleOf({ wat, fuelPerRecord = 100_000, needsThread, ...given }: Stranger): Promise<Module> {
  const { batchOutputBytesMax } = given;
  return loadModule(await compileWat(wat), "guest", {
    memoryBytesMax: 8 * 1024 * 1024,
    ...(needsThread
      ? { fuelPerRecord: Number.MAX_SAFE_INTEGER, fuelPerSetup: Number.MAX_SAFE_INTEGER, deadlineMs: 500 }
      : { fuelPerRecord, fuelPerSetup: 1_000_000 }),
    ...(batchOutputBytesMax === undefined ? {} : { batchOutputBytesMax }),
  });
}

/** A pipeline's processor with this one step, on its own thread or on that of the pipeline. */
async function open(isolation: "inline" | "thread", animal: Stranger): Promise<Processor> {
  const module = partsOf(await moduleOf(animal));
  const step = {
    stage: "shape",
    name: "1-guest",
    onError: "skip",
    parameters: new Map<string, string>(),
  } as const;
  const where = { file: "pipe.yaml", line: 3, column: 5 };
  const processor = await openProcessor(
    isolation,
    [
      {
        ...step,
        module,
        accumulator: undefined,
        lookBack: undefined,
        stateful: undefined,
        world: { wasi: "own", deterministic: false },
        where,
      },
    ],
    silentLogger,
  );
  opened.push(processor);
  return processor;
}

async function processOne(processor: Processor): Promise<Batch> {
  const batch = processor.newBatch();
  const builder = new FrameBuilder(batch.buffer);
  for (const value of ["a", "b", "c"]) builder.add({ value });
  batch.start(builder.finish({ offset: 0 }));
  await processor.process(batch);
  return batch;
}

describe.each(["inline", "thread"] as const)("with isolation %s, a module that", (isolation) => {
  const species = Object.entries(zoo).filter(
    ([, { needsThread }]) => isolation === "thread" || needsThread === undefined,
  );

  test.each(species.filter(([, { ends }]) => ends === undefined))(
    "%s costs the record that it does it for",
    async (_what, animal) => {
      const { code, message, fails = [1] } = animal;
      const processor = await open(isolation, animal);
      const batch = await processOne(processor);
      expect(texts(batch)).toEqual(["a", "b", "c"].filter((_, i) => !fails.includes(i)));
      expect(batch.failures).toEqual(
        fails.map((origin) => ({
          origin,
          by: "guest",
          code,
          message: expect.stringContaining(message) as string,
        })),
      );
      // A batch later it is the same, but for one that keeps something.
      if (fails.length > 0) expect(texts(await processOne(processor))).toEqual(texts(batch));
      const { records, kept, replaced, dropped, failed } = (processor.steps[0] as { counts: TransformCounts })
        .counts;
      expect(kept + replaced + dropped + failed).toBe(records);
      expect(failed).toBe(fails.length * (fails.length > 0 ? 2 : 1));
    },
  );

  test.each(species.filter(([, { ends }]) => ends !== undefined))(
    "%s is stopped, and nothing else is",
    async (_what, animal) => {
      const { code, message, hint = "", ends } = animal;
      const outcome =
        ends === "opening" || ends === "loading"
          ? open(isolation, animal)
          : open(isolation, animal).then((processor) => processOne(processor));
      await expect(outcome).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message) as string,
        hint: expect.stringContaining(hint) as string,
      });
      const other = await open(isolation, { wat: guestWat() });
      expect(texts(await processOne(other))).toEqual(["a", "b", "c"]);
    },
  );
});

test("recursion ends with the stack where there is fuel enough for it", async () => {
  const { parts } = animals["recurses for ever"] as Animal;
  const module = await loadModule(await compileWat(guestWat(parts)), "guest");
  const { process: run } = await openChain([{ module }]);
  const batch = Batch.of(frameOf(["a", "b", "c"]));
  run(batch);
  expect(texts(batch)).toEqual(["a", "c"]);
  expect(batch.failures).toMatchObject([
    { origin: 1, code: "module.trap", message: expect.stringMatching(/^trapped: .*stack/i) as string },
  ]);
});

test("one that says that it is of another version is refused when it is loaded", async () => {
  const binary = await compileWat(guestWat({}).replaceAll("millrace_packed_1", "millrace_packed_9"));
  await expect(loadModule(binary, "guest")).rejects.toMatchObject({
    code: "module.abi",
    message: "guest was built for a version of the packed ABI that this Millrace does not know",
  });
});

test("no memory grows beyond its limit, also of instances that were given up", async () => {
  const { parts } = animals["traps when it gets no more memory"] as Animal;
  const module = await moduleOf({ wat: guestWat(parts), fuelPerRecord: 300_000 });
  const before = process.memoryUsage().arrayBuffers;
  const { process: run } = await openChain([{ module }]);
  for (let i = 0; i < 3; i++) run(Batch.of(frameOf(["a", "b", "c"])));
  // Instances that were given up may not be collected yet: two for each batch, and the one in use.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 8 * 1024 * 1024);
});
