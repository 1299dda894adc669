import { describe, expect, test } from "vitest";
import { readAll, readOne, shown, valuesOf } from "../../../src/conformance/index.ts";
import { formatWhere } from "../../../src/errors.ts";
import { FrameBuffer } from "../../../src/record/index.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { sourceOf } from "../support/open-connector.ts";
import { testContext } from "../support/test-context.ts";

async function generate(settings: object): Promise<string[]> {
  const source = await sourceOf("generate-source", settings, testContext({}));
  await source.open(undefined);
  return shown(valuesOf(await readAll(source)));
}

function sizes(values: readonly string[]): { least: number; mean: number; most: number } {
  const all = values.map((value) => value.length);
  return {
    least: Math.min(...all),
    mean: all.reduce((sum, size) => sum + size, 0) / all.length,
    most: Math.max(...all),
  };
}

describe("kinds", () => {
  test("log records are JSON of about 200 bytes, with levels as a service has them", async () => {
    const records = await generate({ count: 5000 });
    const { least, mean, most } = sizes(records);
    expect(mean).toBeGreaterThan(180);
    expect(mean).toBeLessThan(250);
    expect([least > 150, most < 300]).toEqual([true, true]);
    const parsed = records.map((record) => JSON.parse(record));
    const errors = parsed.filter(({ level }) => level === "error");
    expect(errors.length / parsed.length).toBeCloseTo(0.05, 1);
    expect(errors.every(({ status }) => status >= 500)).toBe(true);
    expect(new Set(parsed.map(({ trace }) => trace)).size).toBe(5000);
  });

  test("orders are JSON whose totals are right", async () => {
    for (const [index, record] of (await generate({ count: 200, kind: "order" })).entries()) {
      const { order, lines, total } = JSON.parse(record);
      const sum = lines.reduce(
        (cents: number, { quantity, price }: { quantity: number; price: number }) =>
          cents + quantity * Math.round(price * 100),
        0,
      );
      expect([order, Math.round(total * 100)]).toEqual([index, sum]);
    }
  });
});

describe("templates", () => {
  test("have placeholders, each of which may come more than once", async () => {
    const template = '{"i":{{index}},"again":{{ index }},"t":"{{timestamp}}"}';
    expect(await generate({ count: 2, template, start: "2024-05-06T07:08:09.5Z", step: "1s" })).toEqual([
      '{"i":0,"again":0,"t":"2024-05-06T07:08:09.500Z"}',
      '{"i":1,"again":1,"t":"2024-05-06T07:08:10.500Z"}',
    ]);
  });

  test("draw each random number anew, from 0 to 999999", async () => {
    const records = await generate({ count: 1000, template: "{{random}} {{random}}" });
    const numbers = records.flatMap((record) => record.split(" ").map(Number));
    expect(new Set(numbers).size).toBeGreaterThan(1900);
    expect(numbers.every((number) => Number.isInteger(number) && number >= 0 && number < 1_000_000)).toBe(
      true,
    );
    expect(Math.max(...numbers)).toBeGreaterThan(900_000);
  });

  test("without placeholders give the same record each time", async () => {
    expect(await generate({ count: 2, template: "a {b} }} {{" })).toEqual(["a {b} }} {{", "a {b} }} {{"]);
  });
});

describe("seeds", () => {
  test("give the same bytes each time, on every machine", async () => {
    const [first] = await generate({ count: 1, seed: 7 });
    expect(first).toBe(
      '{"time":"2024-01-01T00:00:00.000Z","level":"info","service":"billing","host":"web-0","method":"PUT",' +
        '"path":"/orders/99855","status":200,"duration_ms":168,"trace":"bf8ca5bdc10cf6f2","message":"request completed"}',
    );
    expect(await generate({ count: 50, seed: 7 })).toEqual(await generate({ count: 50, seed: 7 }));
  });

  test("that differ give other bytes, also where only the high half differs", async () => {
    const first = async (seed: number): Promise<string | undefined> =>
      (await generate({ count: 1, seed }))[0];
    const seeds = [0, 1, -1, 2, 2 ** 32, 2 ** 32 + 1, 2 ** 40];
    expect(new Set(await Promise.all(seeds.map(first))).size).toBe(seeds.length);
  });
});

describe("ends", () => {
  test("no records", async () => {
    expect(await generate({ count: 0 })).toEqual([]);
  });

  test("there is none without a count, so that it cannot run once", async () => {
    await expect(sourceOf("generate-source", {}, testContext({ once: true }))).rejects.toMatchObject({
      code: "config.invalid",
      hint: "set `generate.count`, or run without --once",
    });
    const source = await sourceOf("generate-source", {}, testContext({ once: false }));
    await source.open(undefined);
    for (let i = 0; i < 5; i++) expect((await readOne(source))!.values.length).toBeGreaterThan(1000);
  });

  test("a position behind the last record gives nothing more", async () => {
    const source = await sourceOf("generate-source", { count: 3 }, testContext({}));
    await source.open({ next: 5 });
    expect(await readOne(source)).toBeUndefined();
  });
});

test("records have their index as the offset and as their place", async () => {
  const source = await sourceOf("generate-source", { count: 10, template: "x" }, testContext({}));
  await source.open({ next: 4 });
  const reading = await source.read(new FrameBuffer(), new AbortController().signal);
  expect(reading!.frame).toMatchObject({ baseOffset: 4, recordCount: 6 });
  expect(formatWhere(source.locate(reading!.frame, 2))).toBe("generate:6");
});

describe("a rate", () => {
  /** Reads for as long as a clock of its own says, and gives how many records came in each reading. */
  async function readFor(rate: number, durationMs: number): Promise<number[]> {
    const clock = new ManualClock(Number.POSITIVE_INFINITY);
    const end = clock.now() + durationMs;
    const source = await sourceOf("generate-source", { rate }, testContext({ once: false, clock }));
    await source.open(undefined);
    const counts: number[] = [];
    while (clock.now() < end) counts.push((await readOne(source))!.values.length);
    return counts;
  }

  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

  test("of one record a second gives one at a time", async () => {
    expect(await readFor(1, 5000)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test("that is high gives many at a time, and no more than the rate", async () => {
    const counts = await readFor(50_000, 3000);
    expect(Math.min(...counts)).toBeGreaterThan(1000);
    expect(sum(counts)).toBeGreaterThanOrEqual(150_000);
    expect(sum(counts)).toBeLessThanOrEqual(160_000);
  });

  test("below one a second is kept too", async () => {
    expect(sum(await readFor(0.1, 100_000))).toBe(11);
  });

  test("is caught up with after a pause, but for one second at most", async () => {
    const clock = new ManualClock(Number.POSITIVE_INFINITY);
    const source = await sourceOf("generate-source", { rate: 100 }, testContext({ once: false, clock }));
    await source.open(undefined);
    await readOne(source);
    clock.advance(60_000);
    const resumed = clock.now();
    let count = 0;
    while (clock.now() === resumed) count += (await readOne(source))!.values.length;
    expect(count).toBeGreaterThanOrEqual(100);
    expect(count).toBeLessThanOrEqual(130);
  });
});
