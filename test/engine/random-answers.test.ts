import fc from "fast-check";
import { expect, test } from "vitest";
import { openChain } from "../../src/engine/index.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { guestModule } from "../support/guests.ts";
import { referenceFilter } from "./reference-guests.ts";

const page = 65_536;

test("a random answer is refused, or leaves records inside of the batch's memory", async () => {
  /** Gives the values of its records as its answer: the verdict, then pairs for value, key, timestamp and headers. */
  const parroting = await guestModule({
    record: `
      (local $from i32)
      (local.set $from (call $valueAt (local.get $i)))
      (call $setValue (local.get $i) (i32.load offset=1 (local.get $from)) (i32.load offset=5 (local.get $from)))
      (call $setKey (local.get $i) (i32.load offset=9 (local.get $from)) (i32.load offset=13 (local.get $from)))
      (call $setTimestamp (local.get $i) (i64.load offset=17 (local.get $from)))
      (call $setHeaders (local.get $i) (i32.load offset=25 (local.get $from)) (i32.load offset=29 (local.get $from)))
      (i32.load8_u (local.get $from))`,
  });
  const number = fc.oneof(
    fc.constantFrom(0, 1, 4, 1024, page, page + 64, page + 100, 2 ** 31, 2 ** 32 - 1),
    fc.nat({ max: 300 }),
  );
  const answer = fc
    .tuple(
      fc.oneof(
        fc.constantFrom(1, 3, 5),
        fc.nat({ max: 15 }).map((bits) => 3 | (bits << 4)),
      ),
      fc.array(number, { minLength: 8, maxLength: 8 }),
    )
    .map(([verdict, numbers]) => {
      const bytes = new Uint8Array(33);
      const view = new DataView(bytes.buffer);
      bytes[0] = verdict;
      numbers.forEach((value, at) => {
        view.setUint32(1 + at * 4, value, true);
      });
      return bytes;
    });
  const first = await guestModule(referenceFilter);
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(answer, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      async (answers, isGathered) => {
        const chain = await openChain([...(isGathered ? [{ module: first }] : []), { module: parroting }]);
        const batch = Batch.of(frameOf(["d", ...answers].slice(isGathered ? 0 : 1)));
        try {
          chain.process(batch);
        } catch (error) {
          expect(error).toHaveProperty("code", "module.answer");
          return;
        }
        accepted++;
        for (const record of batch) {
          for (const part of [record.value, record.key]) {
            if (part !== undefined)
              expect(part.byteOffset + part.length).toBeLessThanOrEqual(batch.buffer.used);
          }
          expect(record.headers.length).toBeLessThan(100);
        }
        const {
          kept,
          replaced,
          failed,
          records: seen,
        } = (chain.transforms.at(-1) ?? expect.unreachable("no transform")).counts;
        expect(kept + replaced + failed).toBe(seen);
        expect(kept + replaced).toBe(batch.count);
      },
    ),
    { numRuns: 400 },
  );
  expect(accepted).toBeGreaterThan(30);
});
