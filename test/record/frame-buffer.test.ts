import { describe, expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import { gatheringBytes } from "../../src/record/frame-buffer.ts";
import { FrameBuffer } from "../../src/record/index.ts";

describe("FrameBuffer", () => {
  test("reserves at multiples of 8, one behind the other", () => {
    const buffer = new FrameBuffer(64);
    expect([buffer.reserve(3), buffer.reserve(8), buffer.reserve(0), buffer.reserve(1)]).toEqual([
      0, 8, 16, 16,
    ]);
    expect(buffer.used).toBe(17);
  });

  test("keeps what is in use when it grows, and its two views are of one memory", () => {
    const buffer = new FrameBuffer(8);
    buffer.reserve(8);
    buffer.words.set([0x04030201, 0x08070605]);
    const before = buffer.bytes;
    buffer.reserve(100_000);
    expect(buffer.bytes).not.toBe(before);
    expect(buffer.bytes.length).toBeGreaterThanOrEqual(100_008);
    expect(buffer.bytes.subarray(0, 8)).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect(buffer.words.buffer).toBe(buffer.bytes.buffer);
    expect(buffer.words.length * 4).toBe(buffer.bytes.length);
  });

  test("makes room without taking it", () => {
    const buffer = new FrameBuffer(8);
    buffer.used = 3;
    buffer.makeRoom(100);
    expect(buffer.used).toBe(3);
    const { bytes } = buffer;
    buffer.makeRoom(bytes.length - 3);
    expect(buffer.bytes).toBe(bytes);
  });

  test("zeroes the bytes that alignment leaves between two reservations", () => {
    const buffer = new FrameBuffer(64);
    buffer.bytes.fill(0xee);
    buffer.reserve(3);
    buffer.reserve(1);
    expect(buffer.bytes.subarray(0, 9)).toEqual(Uint8Array.of(0xee, 0xee, 0xee, 0, 0, 0, 0, 0, 0xee));
  });

  test("stays as large as it is when it is reset, and counts that", () => {
    const buffer = new FrameBuffer(8);
    buffer.reserve(100);
    const { bytes, generation } = buffer;
    buffer.reset();
    expect([buffer.used, buffer.bytes === bytes, buffer.generation]).toEqual([0, true, generation + 1]);
  });

  test("frameBytesMax and outputBytesMax: holds the largest frame and the largest answer, and no more", () => {
    const most = limits.frameBytesMax.default + limits.outputBytesMax.default;
    const buffer = new FrameBuffer(8);
    expect(buffer.reserve(most)).toBe(0);
    expect(() => buffer.reserve(1)).toThrow(expect.objectContaining({ code: "frame.too-large" }));
    // Beyond that there is room to gather bytes in, and for nothing else.
    buffer.makeRoom(gatheringBytes);
    expect(() => buffer.makeRoom(gatheringBytes + 1)).toThrow(
      expect.objectContaining({ code: "frame.too-large" }),
    );
    expect(buffer.used).toBe(most);
  });
});
