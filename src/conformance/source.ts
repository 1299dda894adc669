import assert from "node:assert/strict";
import { formatWhere, MillraceError } from "../errors.ts";
import type { Rejection, Source } from "../pipeline/index.ts";
import { Batch, FrameBuffer } from "../record/index.ts";
import { readAll, readOne, shown, valuesOf } from "./reading.ts";
import type { TestFramework } from "./test-framework.ts";
import { manyValues, valueSets } from "./values.ts";

export interface SourceOptions {
  /** Wished size of a reading. */
  readonly batchBytes?: number;
}

/** Something that sources read, and that holds certain records. */
export interface SourceFixture {
  /** What a source gives, in order. */
  readonly values: readonly Uint8Array[];
  /** A new source that ends behind the last record. Not opened. */
  create(options?: SourceOptions): Promise<Source>;
}

/** A kind of source, described to the tests that all sources pass. */
export interface SourceSubject {
  readonly name: string;
  /** Makes a fixture with these records; one that makes records up takes only their number. */
  prepare(values: readonly Uint8Array[]): Promise<SourceFixture>;
  /** True for values that the source's format can hold. */
  holds(value: Uint8Array): boolean;
  /** True when a source can be opened at the position of a reading. */
  readonly isReplayable: boolean;
  /** A fixture in which one more thing, at any place, cannot become a record; absent where everything can. */
  poisoned?(): Promise<SourceFixture>;
  /** A source, not opened, whose first read waits for something that does not come; absent where no read ever waits. */
  waiting?(): Promise<Source>;
  /** A source that cannot be opened; absent where opening does not fail. */
  broken?(): Promise<Source>;
}

/** The promises of the `Source` contract, as tests of one kind of source. */
export function testSource(subject: SourceSubject, { describe, test }: TestFramework): void {
  // Where a promise does not apply there is no test, since one that is skipped looks like one that is missing.
  const testIf = (applies: boolean, name: string, run: () => Promise<void>): void => {
    if (applies) test(name, run);
  };
  const opened = async (fixture: SourceFixture, options?: SourceOptions): Promise<Source> => {
    const source = await fixture.create(options);
    await source.open(undefined);
    return source;
  };

  describe(`${subject.name} keeps the contract of a source`, () => {
    for (const [name, all] of Object.entries(valueSets)) {
      test(`it gives all of ${name} records once, in order, and then ends`, async () => {
        const fixture = await subject.prepare(all.filter((value) => subject.holds(value)));
        const source = await opened(fixture);
        assert.deepEqual(shown(valuesOf(await readAll(source))), shown(fixture.values));
        await source.close();
      });
    }

    test("it ends at once where there is nothing", async () => {
      const source = await opened(await subject.prepare([]));
      assert.equal(await readOne(source), undefined);
      await source.close();
    });

    test("it gives many records in readings of about the size that was wished", async () => {
      const fixture = await subject.prepare(manyValues);
      const source = await opened(fixture, { batchBytes: 100_000 });
      const readings = await readAll(source);
      assert.deepEqual(shown(valuesOf(readings)), shown(fixture.values));
      const sizes = readings.map(({ values }) => values.reduce((sum, value) => sum + value.length, 0));
      assert.ok(Math.max(...sizes) <= 101_000);
      assert.ok(Math.max(...sizes) > 50_000);
      await source.close();
    });

    test("a later read does not touch what an earlier one gave", async () => {
      const source = await opened(await subject.prepare(manyValues));
      const first = await source.read(new FrameBuffer(), new AbortController().signal);
      assert.ok(first !== undefined);
      const before = first.frame.bytes.slice();
      await readOne(source);
      assert.equal(Buffer.compare(first.frame.bytes, before), 0);
      await source.close();
    });

    test("a buffer can be used again", async () => {
      const fixture = await subject.prepare(manyValues.slice(0, 2000));
      const source = await opened(fixture, { batchBytes: 10_000 });
      const buffer = new FrameBuffer();
      const signal = new AbortController().signal;
      let count = 0;
      for (
        let reading = await source.read(buffer, signal);
        reading;
        reading = await source.read(buffer, signal)
      ) {
        count += reading.frame.recordCount;
        buffer.reset();
      }
      assert.equal(count, fixture.values.length);
      await source.close();
    });

    test("it says of each record where it came from, and of no two the same", async () => {
      const source = await opened(await subject.prepare(manyValues.slice(0, 500)), { batchBytes: 20_000 });
      const places = new Set<string>();
      let count = 0;
      for (;;) {
        const reading = await source.read(new FrameBuffer(), new AbortController().signal);
        if (reading === undefined) break;
        for (let i = 0; i < reading.frame.recordCount; i++, count++) {
          places.add(formatWhere(source.locate(reading.frame, i)));
        }
      }
      assert.equal(places.size, count);
      await source.close();
    });

    test("readings are acknowledged in their order, late, and one by one", async () => {
      const source = await opened(await subject.prepare(manyValues), { batchBytes: 100_000 });
      const readings = await readAll(source);
      for (const { acknowledge } of readings) await acknowledge();
      await source.close();
    });

    test("a read that begins when it is too late ends", async () => {
      const source = await opened(await subject.prepare(manyValues));
      assert.equal(await readOne(source, AbortSignal.abort()), undefined);
      await source.close();
    });

    testIf(
      subject.isReplayable,
      "opened at the position of any reading, it gives exactly the rest",
      async () => {
        const fixture = await subject.prepare(manyValues);
        const first = await opened(fixture, { batchBytes: 300_000 });
        const readings = await readAll(first);
        await first.close();
        assert.ok(readings.length > 5);
        let given = 0;
        for (const { values, position } of readings) {
          given += values.length;
          const source = await fixture.create();
          await source.open(position);
          assert.deepEqual(shown(valuesOf(await readAll(source))), shown(fixture.values.slice(given)));
          await source.close();
        }
      },
    );

    testIf(subject.isReplayable, "opened again after a stop, it gives each record once", async () => {
      const fixture = await subject.prepare(manyValues);
      const values: Uint8Array[] = [];
      let position: Awaited<ReturnType<typeof readOne>>;
      for (;;) {
        const source = await fixture.create({ batchBytes: 200_000 });
        await source.open(position?.position);
        const reading = await readOne(source);
        await source.close();
        if (reading === undefined) break;
        values.push(...reading.values);
        position = reading;
      }
      assert.deepEqual(shown(values), shown(fixture.values));
    });

    testIf(!subject.isReplayable, "its readings have no position", async () => {
      const source = await opened(await subject.prepare(manyValues));
      for (const { position } of await readAll(source)) assert.equal(position, undefined);
      await source.close();
    });

    testIf(
      subject.poisoned !== undefined,
      "what cannot become a record is reported, and reading goes on",
      async () => {
        const fixture = await (subject.poisoned as () => Promise<SourceFixture>)();
        const source = await opened(fixture);
        const values: Uint8Array[] = [];
        const rejections: Rejection[] = [];
        for (;;) {
          const reading = await source.read(new FrameBuffer(), new AbortController().signal);
          if (reading === undefined) break;
          for (const record of Batch.of(reading.frame)) values.push(record.value.slice());
          rejections.push(...reading.rejections);
        }
        assert.deepEqual(shown(values), shown(fixture.values));
        assert.equal(rejections.length, 1);
        const [{ code, message, where } = { code: "", message: "", where: undefined }] = rejections;
        assert.ok(code !== "" && message !== "" && where !== undefined);
        await source.close();
      },
    );

    testIf(subject.waiting !== undefined, "a read that waits ends when it is told to", async () => {
      const source = await (subject.waiting as () => Promise<Source>)();
      await source.open(undefined);
      const stop = new AbortController();
      const reading = readOne(source, stop.signal);
      stop.abort();
      assert.equal(await reading, undefined);
      await source.close();
    });

    testIf(subject.broken !== undefined, "it can be closed after it could not be opened", async () => {
      const source = await (subject.broken as () => Promise<Source>)();
      const error = await source.open(undefined).catch((thrown: unknown) => thrown);
      assert.ok(MillraceError.is(error) && error.hint);
      assert.ok(MillraceError.is(error) && error.where);
      await source.close();
    });

    test("it can be closed without having been opened, and before its end", async () => {
      const fixture = await subject.prepare(manyValues);
      await (await fixture.create()).close();
      const source = await opened(fixture);
      await readOne(source);
      await source.close();
    });
  });
}
