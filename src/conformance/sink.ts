import assert from "node:assert/strict";
import { utf8 } from "../base/index.ts";
import { MillraceError } from "../errors.ts";
import type { Sink } from "../pipeline/index.ts";
import { Batch, FrameBuilder, frameOf } from "../record/index.ts";
import { shown } from "./reading.ts";
import type { TestFramework } from "./test-framework.ts";
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

/** A kind of sink, described to the tests that all sinks pass. */
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
export function testSink(subject: SinkSubject, { describe, test }: TestFramework): void {
  describe(`${subject.name} keeps the contract of a sink`, () => {
    const promise = (name: string, run: (fixture: SinkFixture) => Promise<void>): void => {
      test(name, async () => run(await subject.prepare()));
    };

    const opened = async (fixture: SinkFixture): Promise<Sink> => {
      const sink = await fixture.create();
      await sink.open();
      return sink;
    };

    promise("nothing is lost over many batches, and the order is kept", async (fixture) => {
      const sink = await opened(fixture);
      for (let from = 0; from < manyValues.length; from += 701) {
        assert.deepEqual(
          await sink.write(Batch.of(frameOf(manyValues.slice(from, from + 701))), nowhere),
          [],
        );
      }
      await sink.flush();
      await sink.close();
      assert.deepEqual(shown(await fixture.stored()), shown(manyValues));
    });

    for (const [name, values] of [
      ["empty", emptyValues],
      ["huge", hugeValues],
      ["binary", binaryValues],
    ] as const) {
      promise(
        `of ${name} records it stores what its format can hold, and names what it refuses`,
        async (fixture) => {
          const sink = await opened(fixture);
          const batch = Batch.of(frameOf(values));
          const refused = await sink.write(batch, nowhere);
          await sink.flush();
          await sink.close();
          const refusable = values.flatMap((value, index) => (subject.holds(value) ? [] : [index]));
          assert.deepEqual(
            refused.map(({ origin }) => origin),
            refusable,
          );
          for (const { by, message } of refused) assert.notEqual(by && message, "");
          assert.deepEqual(
            shown(await fixture.stored()),
            shown(values.filter((value) => subject.holds(value))),
          );
        },
      );
    }

    promise("what is flushed is there while the sink is still open", async (fixture) => {
      const sink = await opened(fixture);
      await sink.write(Batch.of(frameOf(["1", "2"])), nowhere);
      await sink.flush();
      assert.deepEqual(shown(await fixture.stored()), ["1", "2"]);
      await sink.write(Batch.of(frameOf(["3"])), nowhere);
      await sink.flush();
      assert.deepEqual(shown(await fixture.stored()), ["1", "2", "3"]);
      await sink.close();
    });

    promise(
      "a flush without anything to flush, and a batch without records, change nothing",
      async (fixture) => {
        const sink = await opened(fixture);
        await sink.flush();
        assert.deepEqual(await sink.write(Batch.of(new FrameBuilder().finish()), nowhere), []);
        await sink.flush();
        await sink.close();
        assert.deepEqual(await fixture.stored(), []);
      },
    );

    promise("only the records in play are written, with what modules made of them", async (fixture) => {
      const sink = await opened(fixture);
      const batch = Batch.of(frameOf(["first", "second", "third", "fourth"]));
      const made = utf8("made by a module");
      const at = batch.buffer.reserve(made.length);
      batch.bytes.set(made, at);
      const columns = batch.scratch();
      const { values } = batch.columns;
      const [firstAt = 0, firstLength = 0] = values;
      const [fourthAt = 0, fourthLength = 0] = values.subarray(6);
      // The second record is dropped, the third replaced, and the fourth becomes a part of itself.
      columns.origins?.set([0, 2, 3]);
      columns.values.set([firstAt, firstLength, at, made.length, fourthAt + 1, fourthLength - 2]);
      batch.adopt(columns, 3);
      await sink.write(batch, nowhere);
      await sink.flush();
      await sink.close();
      assert.deepEqual(shown(await fixture.stored()), ["first", "made by a module", "ourt"]);
    });

    promise("a batch is free for something else once it is written", async (fixture) => {
      const sink = await opened(fixture);
      const batch = Batch.of(frameOf(["kept as it was"]));
      await sink.write(batch, nowhere);
      batch.bytes.fill(0x21);
      batch.release();
      await sink.flush();
      await sink.close();
      assert.deepEqual(shown(await fixture.stored()), ["kept as it was"]);
    });

    promise("opened again, it goes on behind what is there", async (fixture) => {
      for (const value of ["1", "2", "3"]) {
        const sink = await opened(fixture);
        await sink.write(Batch.of(frameOf([value])), nowhere);
        await sink.flush();
        await sink.close();
      }
      assert.deepEqual(shown(await fixture.stored()), ["1", "2", "3"]);
    });

    promise("after a crash in the middle of a write, a batch that comes again is whole", async (fixture) => {
      if (fixture.tear === undefined) return;
      const before = await opened(fixture);
      await before.write(Batch.of(frameOf(["a record before the crash", "a record that is torn"])), nowhere);
      await before.flush();
      await before.close();
      await fixture.tear();
      const after = await opened(fixture);
      await after.write(Batch.of(frameOf(["a record that is torn", "a record behind it"])), nowhere);
      await after.flush();
      await after.close();
      const stored = shown(await fixture.stored());
      assert.equal(stored[0], "a record before the crash");
      assert.deepEqual(stored.slice(-2), ["a record that is torn", "a record behind it"]);
    });

    const { broken } = subject;
    if (broken !== undefined) {
      test("it can be closed after it could not be opened", async () => {
        const sink = await broken();
        const error = await sink.open().catch((thrown: unknown) => thrown);
        assert.ok(MillraceError.is(error) && error.hint);
        assert.ok(MillraceError.is(error) && error.where);
        await sink.close();
      });
    }

    promise("it can be closed without having been opened", async (fixture) => {
      const sink = await fixture.create();
      await sink.close();
    });
  });
}
