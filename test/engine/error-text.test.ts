import { describe, expect, test } from "vitest";
import { errorTextOf } from "../../src/engine/error-text.ts";
import { limits } from "../../src/limits.ts";

const { default: bytesMax } = limits.recordErrorBytesMax;

describe("an error text of a module", () => {
  const memory = new TextEncoder().encode("x".repeat(bytesMax + 10));

  test("recordErrorBytesMax: may have that many bytes, and is cut to them", () => {
    expect(errorTextOf(memory, 0, bytesMax)).toBe("x".repeat(bytesMax));
    expect(errorTextOf(memory, 0, bytesMax + 1)).toBe("x".repeat(bytesMax));
    expect(errorTextOf(memory, 10, 2 ** 32 - 1)).toBe("x".repeat(bytesMax));
  });

  test("is cut between two characters", () => {
    for (const character of ["é", "€", "🌊"]) {
      const { length } = new TextEncoder().encode(character);
      for (let before = 0; before < length; before++) {
        const whole = "x".repeat(before) + character.repeat(bytesMax);
        const text = errorTextOf(new TextEncoder().encode(whole), 0, 2 ** 31);
        expect(whole.startsWith(text)).toBe(true);
        expect(new TextEncoder().encode(text).length).toBeGreaterThan(bytesMax - length);
      }
    }
  });

  test("is shown as far as it is text", () => {
    expect(errorTextOf(new Uint8Array(bytesMax * 2).fill(0x80), 0, bytesMax * 2).length).toBe(bytesMax - 3);
    expect(errorTextOf(Uint8Array.of(0x61, 0xff, 0x62), 0, 3)).toBe("a\ufffdb");
  });

  test("is empty when it lies outside of memory", () => {
    expect(errorTextOf(memory, memory.length, 1)).toBe("");
    expect(errorTextOf(memory, memory.length - 3, 4)).toBe("");
    expect(errorTextOf(memory, memory.length - 3, 3)).toBe("xxx");
    expect(errorTextOf(memory, 2 ** 32 - 1, 2 ** 32 - 1)).toBe("");
    expect(errorTextOf(memory, memory.length, 0)).toBe("");
  });
});
