import { beforeEach, describe, expect, test } from "vitest";
import { utf8 } from "../../src/base/index.ts";
import { MillraceError } from "../../src/errors.ts";
import type { Sink } from "../../src/pipeline/index.ts";
import { Batch, FrameBuilder, frameOf } from "../../src/record/index.ts";
import { shown } from "./reading.ts";
import { testIf } from "./test-if.ts";
import { binaryValues, emptyValues, hugeValues, manyValues } from "./values.ts";

/** Something that sinks write to. */
export interface SinkFixture {
  /** A new sink that writes behind what is there. Not opened. */
  create(): Promise<Sink>;
  /** Values of the records that are there, as somebody else reads them. */
  stored(): Promise<readonly Uint8Array[]>;
  /** Leaves the last record as a crash in the middle of a write would; absent where that cannot happen. */
  tear?(): Promise<void>;
}

/** A kind of sink, described to the tests that all sinks pass. Clean up with `onTestFinished`. */
export interface SinkSubject {
  readonly name: string;
  prepare(): Promise<SinkFixture>;
  /** True for values that the sink's format can hold. Others have to be refused. */
  holds(value: Uint8Array): boolean;
  /** A sink that cannot be opened; absent where opening does not fail. */
  broken?(): Promise<Sink>;
}

const nowhere = { source: undefined };

/** The promises of the `Sink` contract, as tests of one kind of sink. */
export function testSink(subject: SinkSubject): void {
  describe(`${subject.name} keeps the contract of a sink`, () => {
    let fixture: SinkFixture;
    beforeEach(async () => {
      fixture = await subject.prepare();
    });

    const opened = async (): Promise<Sink> => {
      const sink = await fixture.create();
      await sink.open();
      return sink;
    };

    test("nothing is lost over many batches, and the order is kept", async () => {
      const sink = await opened();
      for (let from = 0; from < manyValues.length; from += 701) {
        expect(await sink.write(Batch.of(frameOf(manyValues.slice(from, from + 701))), nowhere)).toEqual([]);
      }
      await sink.flush();
      await sink.close();
      expect(shown(await fixture.stored())).toEqual(shown(manyValues));
    });

    test.each([
      ["empty", emptyValues],
      ["huge", hugeValues],
      ["binary", binaryValues],
    ])(
      "of %s records it stores what its format can hold, and names what it refuses",
      async (_name, values) => {
        const sink = await opened();
        const batch = Batch.of(frameOf(values));
        const refused = await sink.write(batch, nowhere);
        await sink.flush();
        await sink.close();
        const refusable = values.flatMap((value, index) => (subject.holds(value) ? [] : [index]));
        expect(refused.map(({ origin }) => origin)).toEqual(refusable);
        for (const { by, message } of refused) expect(by && message).not.toBe("");
        expect(shown(await fixture.stored())).toEqual(shown(values.filter((value) => subject.holds(value))));
      },
    );

    test("what is flushed is there while the sink is still open", async () => {
      const sink = await opened();
      await sink.write(Batch.of(frameOf(["1", "2"])), nowhere);
      await sink.flush();
      expect(shown(await fixture.stored())).toEqual(["1", "2"]);
      await sink.write(Batch.of(frameOf(["3"])), nowhere);
      await sink.flush();
      expect(shown(await fixture.stored())).toEqual(["1", "2", "3"]);
      await sink.close();
    });

    test("a flush without anything to flush, and a batch without records, change nothing", async () => {
      const sink = await opened();
      await sink.flush();
      expect(await sink.write(Batch.of(new FrameBuilder().finish()), nowhere)).toEqual([]);
      await sink.flush();
      await sink.close();
      expect(await fixture.stored()).toEqual([]);
    });

    test("only the records in play are written, with what modules made of them", async () => {
      const sink = await opened();
      const batch = Batch.of(frameOf(["first", "second", "third", "fourth"]));
      const made = utf8("made by a module");
      const at = batch.buffer.reserve(made.length);
      batch.bytes.set(made, at);
      const columns = batch.scratch();
      const { values } = batch.columns;
      const origins = columns.origins!;
      // The second record is dropped, the third replaced, and the fourth becomes a part of itself.
      origins.set([0, 2, 3]);
      columns.values.set([values[0]!, values[1]!, at, made.length, values[6]! + 1, values[7]! - 2]);
      batch.adopt(columns, 3);
      await sink.write(batch, nowhere);
      await sink.flush();
      await sink.close();
      expect(shown(await fixture.stored())).toEqual(["first", "made by a module", "ourt"]);
    });

    test("a batch is free for something else once it is written", async () => {
      const sink = await opened();
      const batch = Batch.of(frameOf(["kept as it was"]));
      await sink.write(batch, nowhere);
      batch.bytes.fill(0x21);
      batch.release();
      await sink.flush();
      await sink.close();
      expect(shown(await fixture.stored())).toEqual(["kept as it was"]);
    });

    test("opened again, it goes on behind what is there", async () => {
      for (const value of ["1", "2", "3"]) {
        const sink = await opened();
        await sink.write(Batch.of(frameOf([value])), nowhere);
        await sink.flush();
        await sink.close();
      }
      expect(shown(await fixture.stored())).toEqual(["1", "2", "3"]);
    });

    test("after a crash in the middle of a write, a batch that comes again is whole", async () => {
      if (fixture.tear === undefined) return;
      const before = await opened();
      await before.write(Batch.of(frameOf(["a record before the crash", "a record that is torn"])), nowhere);
      await before.flush();
      await before.close();
      await fixture.tear();
      const after = await opened();
      await after.write(Batch.of(frameOf(["a record that is torn", "a record behind it"])), nowhere);
      await after.flush();
      await after.close();
      const stored = shown(await fixture.stored());
      expect(stored[0]).toBe("a record before the crash");
      expect(stored.slice(-2)).toEqual(["a record that is torn", "a record behind it"]);
    });

    testIf(subject.broken !== undefined)("it can be closed after it could not be opened", async () => {
      const sink = await subject.broken!();
      const error = await sink.open().catch((thrown: unknown) => thrown);
      expect(MillraceError.is(error) && error.hint).toBeTruthy();
      expect(MillraceError.is(error) && error.where).toBeTruthy();
      await sink.close();
    });

    test("it can be closed without having been opened", async () => {
      const sink = await fixture.create();
      await sink.close();
    });
  });
}
