import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Redactor, redactedError, redactInPlace } from "../../src/base/index.ts";
import { MillraceError } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";

function redactorOf(...values: string[]): Redactor {
  const redactor = new Redactor();
  for (const value of values) redactor.add(value);
  return redactor;
}

const nasty = 'p@ss/w"rd \\ é&%+\t{x}';

describe("a redactor", () => {
  test.each<readonly [string, (value: string) => string]>([
    ["as it is", (value) => value],
    ["in JSON", JSON.stringify],
    ["in JSON within JSON", (value) => JSON.stringify(JSON.stringify(value))],
    ["in a part of a URL", encodeURIComponent],
    ["in a part of a URL, in lower case", (value) => encodeURIComponent(value).toLowerCase()],
    ["in a query", (value) => new URLSearchParams({ a: value }).toString().slice(2)],
    ["in the path of a URL", (value) => new URL(`http://a/${encodeURIComponent(value)}`).pathname],
    ["as who asks in a URL", (value) => Object.assign(new URL("http://a"), { password: value }).href],
    ["on a terminal", (value) => value.replaceAll("\t", "\\x09")],
  ])("finds a value %s", (_where, written) => {
    const text = redactorOf(nasty).redact(`before ${written(nasty)} after`);
    expect(text).toContain("***");
    expect(text).not.toMatch(/p(@|%40)ss/i);
    expect(text).toMatch(/^before .*after$/);
  });

  test("finds values whatever they are made of, and leaves other texts alone", () => {
    const value = fc
      .string({ minLength: 4, maxLength: 40, unit: "grapheme" })
      .filter((text) => text.trim().length >= 4);
    fc.assert(
      fc.property(value, fc.string(), fc.string(), (secret, before, after) => {
        const redactor = redactorOf(secret);
        const text = `${before}${secret.trim()}${after}`;
        expect(redactor.redact(text)).not.toContain(secret.trim());
        expect(redactor.redact(JSON.stringify(text))).not.toContain(
          JSON.stringify(secret.trim()).slice(1, -1),
        );
      }),
      { numRuns: 300 },
    );
    expect(redactorOf("a-token").redact("nothing of it")).toBe("nothing of it");
  });

  test("finds the longer of two values of which one begins like the other", () => {
    expect(redactorOf("token", "token-2").redact("token-2 token")).toBe("*** ***");
  });

  test("finds each line of a key", () => {
    const key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n";
    expect(redactorOf(key).redact("a line: hkiG9w0BAQEFAASC.")).toBe("a line: ***.");
    expect(redactorOf(key).redact(JSON.stringify(key.trim()))).toBe('"***"');
  });

  test("finds the parts of a URL that say who asks", () => {
    const redactor = redactorOf("https://me-myself:a%2Fpass@127.0.0.1/hooks/T000000000000000000?key=abcdef");
    expect(redactor.redact("me-myself a/pass a%2Fpass T000000000000000000 abcdef")).toBe(
      "*** *** *** *** ***",
    );
    expect(redactor.redact("GET https://127.0.0.1/ failed")).toBe("GET https://127.0.0.1/ failed");
  });

  test("finds what is left of a value that was cut off", () => {
    const redactor = redactorOf("0123456789abcdefghij");
    expect(redactor.redact('found "0123456789abc…"')).toBe('found "***…"');
    expect(redactor.redact("0123456")).toBe("0123456");
  });

  test("finds a value that is too long for all ways of writing it", () => {
    const long = "x(".repeat(5000);
    expect(redactorOf(long).redact(`a ${long} b`)).toBe("a *** b");
  });

  test("takes no value that would hide half of every text", () => {
    const least = limits.secretCharactersMin.default;
    expect(new Redactor().add("x".repeat(least - 1))).toBe(false);
    expect(new Redactor().add(` ${"x".repeat(least - 1)} `)).toBe(false);
    expect(new Redactor().add("x".repeat(least))).toBe(true);
    expect(redactorOf("", "abc").isIdle).toBe(true);
  });
});

describe("an error without secrets", () => {
  const redactor = redactorOf("s3cret-word");
  const error = (): MillraceError =>
    new MillraceError("http.status", "s3cret-word was refused", {
      where: { url: "http://a/s3cret-word" },
      hint: "say s3cret-word",
      problems: [
        new MillraceError("config.invalid", "no s3cret-word", { where: { file: "s3cret-word", line: 3 } }),
      ],
      cause: new Error("s3cret-word", { cause: "s3cret-word" }),
    });

  test("keeps everything else", () => {
    const redacted = redactedError(error(), redactor) as MillraceError;
    expect(redacted.toJSON()).toEqual({
      code: "http.status",
      message: "*** was refused",
      where: "http://a/***",
      hint: "say ***",
      problems: [{ code: "config.invalid", message: "no ***", where: "***:3" }],
    });
    expect(redacted.cause).toMatchObject({ message: "***", cause: "***" });
    expect(redacted.stack).not.toContain("s3cret");
  });

  test("is the same one where it cannot be another", () => {
    const thrown = error();
    redactInPlace(thrown, redactor);
    expect(`${JSON.stringify(thrown)} ${thrown.stack} ${thrown.hint}`).not.toContain("s3cret");
    const plain = new TypeError("s3cret-word is no function");
    redactInPlace(plain, redactor);
    expect(`${plain.stack} ${plain.message}`).not.toContain("s3cret");
  });

  test("ends where causes go round in a circle", () => {
    const first = new MillraceError("internal.bug", "s3cret-word");
    const second = new MillraceError("internal.bug", "s3cret-word", { cause: first });
    Object.assign(first, { cause: second });
    expect((redactedError(first, redactor) as MillraceError).message).toBe("***");
  });
});
