import { describe, expect, test } from "vitest";
import { adviceFor } from "../../src/devkit/index.ts";
import { importUse, inspectModule, readFunctionNames } from "../../src/engine/index.ts";
import { guestWat } from "../support/guests.ts";
import { compileWat } from "../support/wat.ts";

const keep = "(i32.const 1)";

/** A module with a custom section of so many bytes behind it. */
function withSection(bytes: Uint8Array, name: string, contentBytes: number): Uint8Array {
  const text = Buffer.from(name);
  const content = [text.length, ...text, ...new Array<number>(contentBytes).fill(0)];
  return Uint8Array.from([...bytes, 0, (content.length & 0x7f) | 0x80, content.length >> 7, ...content]);
}

async function about(bytes: Uint8Array, describesParameters?: boolean): Promise<readonly string[]> {
  const inspected = await inspectModule(bytes, "m.wasm");
  const functions = readFunctionNames(bytes);
  return adviceFor({ inspected, functions, bytes: bytes.length, describesParameters }).map(
    ({ about }) => about,
  );
}

describe("advice", () => {
  test("is given where something could be better, and only there", async () => {
    const plain = await compileWat(guestWat({ transform: "filter", record: keep }));
    expect(await about(plain)).toEqual(["names"]);
    expect(await about(withSection(plain, ".debug_info", 500))).toEqual(["debug-information", "names"]);
    const large = await compileWat(guestWat({ transform: "filter", record: keep, memory: "256" }));
    expect(await about(large)).toEqual(["names", "memory"]);
    const smaller = await compileWat(guestWat({ transform: "filter", record: keep, memory: "255" }));
    expect(await about(smaller)).toEqual(["names"]);
    const withInit = await compileWat(guestWat({ transform: "filter", record: keep, init: "(i32.const 0)" }));
    expect(await about(withInit)).toEqual(["names", "parameters"]);
    expect(await about(withInit, true)).toEqual(["names"]);
  });

  test("does not stumble over a section of names that is nonsense", async () => {
    const plain = await compileWat(guestWat({ transform: "filter", record: keep }));
    const { inNameSection, names, count } = readFunctionNames(withSection(plain, "name", 200));
    expect(inNameSection).toBe(0);
    expect([...names.values()]).toContain("millrace_filter");
    expect(count).toBeGreaterThan(3);
  });
});

test.each([
  [{ module: "wasi_snapshot_preview1", name: "random_get", kind: "function" }, true, /random bytes/],
  [{ module: "wasi_snapshot_preview1", name: "path_open", kind: "function" }, true, /always fails/],
  [{ module: "wasi_snapshot_preview1", name: "path_opne", kind: "function" }, false, /gets nothing/],
  [{ module: "wasi_snapshot_preview1", name: "fd_write", kind: "memory" }, false, /a memory of the host/],
  [{ module: "env", name: "copy_records", kind: "function" }, true, /hands its output over/],
  [{ module: "env", name: "abort", kind: "function" }, false, /gets nothing/],
] as const)("of the import %j it is said what it gets", (shape, allowed, use) => {
  expect(importUse(shape)).toEqual({ allowed, use: expect.stringMatching(use) });
});
