import fc from "fast-check";
import { expect, test } from "vitest";
import { MillraceError } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";
import { ErrorWindow } from "../../src/pipeline/error-window.ts";
import type { FailedRecord } from "../../src/pipeline/index.ts";

function cause(message: string): FailedRecord {
  return { stage: "filter", by: "a", where: { topic: "in", offset: 1 }, code: "module.record", message };
}

/** The error that the window has by now. */
function errorOf(window: ErrorWindow): MillraceError | undefined {
  try {
    window.check();
    return undefined;
  } catch (error) {
    if (MillraceError.is(error)) return error;
    throw error;
  }
}

test("it holds up to its bound, and one more is too many", () => {
  const window = new ErrorWindow({ records: 10, failures: 2 });
  window.begin(10);
  window.fail(0, cause("x"));
  window.fail(9, cause("y"));
  window.fail(9, cause("again"));
  expect(errorOf(window)).toBeUndefined();
  window.fail(5, cause("z"));
  expect(errorOf(window)).toMatchObject({
    code: "pipeline.too-many-failures",
    message: expect.stringMatching(/^3 of the last 10 records failed/),
  });
});

test("the first causes are named, and old ones forgotten once nothing fails", () => {
  const window = new ErrorWindow({ records: 100, failures: 0 });
  window.begin(1);
  window.fail(0, cause("long ago"));
  window.begin(100);
  expect(errorOf(window)).toBeUndefined();
  for (let i = 0; i < limits.causesShownMax.default + 2; i++) window.fail(i, cause(`cause ${i}`));
  const { problems } = errorOf(window) as MillraceError;
  expect(problems.map(({ message }) => message)).toEqual(
    Array.from({ length: limits.causesShownMax.default }, (_, i) => `filter a: cause ${i}`),
  );
  expect(problems[0]).toMatchObject({ code: "module.record", where: { topic: "in", offset: 1 } });
});

test("it counts the failures among the last records, however they come in batches", () => {
  const batches = fc.array(fc.array(fc.boolean(), { maxLength: 12 }), { maxLength: 12 });
  fc.assert(
    fc.property(batches, fc.integer({ min: 1, max: 8 }), (given, records) => {
      const window = new ErrorWindow({ records, failures: 0 });
      const all: boolean[] = [];
      for (const batch of given) {
        window.begin(batch.length);
        all.push(...batch);
        for (const [index, fails] of batch.entries()) if (fails) window.fail(index, cause("x"));
        const expected = all.slice(-records).filter(Boolean).length;
        const counted = Number(/^\d+/.exec(errorOf(window)?.message ?? "0")?.[0]);
        expect(counted).toBe(expected);
      }
    }),
  );
});
