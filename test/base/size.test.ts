import { describe, expect, test } from "vitest";
import { parseSizeBytes } from "../../src/base/index.ts";

const KiB = 1024;

describe("a size", () => {
  test.each([
    ["16 MB", 16_000_000],
    ["16 MiB", 16 * KiB ** 2],
    ["0", 0],
    ["500", 500],
    ["512b", 512],
    ["1K", 1000],
    ["1Ki", KiB],
    ["1.5Ki", 1536],
    ["1KiB", KiB],
    ["1.5KiB", 1536],
    ["3 MB", 3_000_000],
    ["4 MiB", 4 * KiB ** 2],
    ["6 GB", 6e9],
    ["4 gib", 4 * KiB ** 3],
    ["88TB", 88e12],
    ["521TiB", 521 * KiB ** 4],
    ["8 PB", 8e15],
    ["8P", 8e15],
    ["7 PiB", 7 * KiB ** 5],
    ["128.000 GiB", 128 * KiB ** 3],
    [".5 KB", 500],
    ["1. KB", 1000],
    ["0.3 B", 0],
  ])("%s", (text, bytes) => expect(parseSizeBytes(text)).toBe(bytes));

  test.each([
    "",
    " ",
    ".",
    "MB",
    "a124GB",
    "1.3 42.0 B",
    "1.3 ... B",
    "1 000 B",
    "-1",
    "1 XB",
    "1e3",
    "16 MBs",
  ])("is not %j", (text) => expect(parseSizeBytes(text)).toBeUndefined());

  test("is not what cannot be counted exactly", () => {
    expect(parseSizeBytes(String(Number.MAX_SAFE_INTEGER))).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseSizeBytes("8 PiB")).toBeUndefined();
    expect(parseSizeBytes("9".repeat(400))).toBeUndefined();
  });
});
