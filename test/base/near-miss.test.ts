import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nearMiss } from "../../src/base/index.ts";

const keys = [
  "endpoint",
  "interval",
  "headers",
  "method",
  "body",
  "max-bytes",
  "batch-size",
  "onError",
  "id",
];

describe("a near miss", () => {
  test.each([
    ["endpont", "endpoint"],
    ["endpiont", "endpoint"],
    ["end-point", "endpoint"],
    ["Endpoint", "endpoint"],
    ["intervall", "interval"],
    ["header", "headers"],
    ["mehtod", "method"],
    ["bdy", "body"],
    ["max_bytes", "max-bytes"],
    ["maxBytes", "max-bytes"],
    ["batchsize", "batch-size"],
    ["on-error", "onError"],
    ["ID", "id"],
    ["di", "id"],
  ])("of %s is %s", (word, meant) => expect(nearMiss(word, keys)).toBe(meant));

  test.each(["", "x", "url", "timeout", "retries", "compression", "bo", "parameters"])(
    "is not found for %j",
    (word) => expect(nearMiss(word, keys)).toBeUndefined(),
  );

  test("is the closest one, and the first of equals", () => {
    expect(nearMiss("sinks", ["sings", "sink"])).toBe("sings");
    expect(nearMiss("sinkz", ["sing-", "sink"])).toBe("sink");
  });

  test("of a word with one slip is the word", () => {
    const word = fc.string({ unit: fc.constantFrom(..."abcdefgh"), minLength: 3, maxLength: 20 });
    fc.assert(
      fc.property(word, fc.nat(), (original, at) => {
        const index = at % original.length;
        const dropped = original.slice(0, index) + original.slice(index + 1);
        const doubled = original.slice(0, index) + original[index] + original.slice(index);
        expect(nearMiss(dropped, [original])).toBe(original);
        expect(nearMiss(doubled, [original])).toBe(original);
      }),
    );
  });

  test("takes two neighbours that changed places for one slip", () => {
    expect(nearMiss("abd", ["adb"])).toBe("adb");
    expect(nearMiss("abcd", ["dcba"])).toBeUndefined();
  });

  test("is not looked for where words are too long to be keys", () => {
    const long = "x".repeat(100_000);
    expect(nearMiss(long, [`${long}y`])).toBeUndefined();
  });
});
