import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { loadModule } from "../../src/engine/index.ts";
import { type ErrorCode, MillraceError } from "../../src/errors.ts";
import { guestModule, guestWat } from "../support/guests.ts";
import { compileWat } from "../support/wat.ts";

async function failure(action: Promise<unknown>): Promise<MillraceError> {
  const error: unknown = await action.then(
    () => expect.unreachable("this should have failed"),
    (reason: unknown) => reason,
  );
  if (!MillraceError.is(error)) throw error;
  return error;
}

async function expectRefused(wat: string, code: ErrorCode, message: string, hint: string): Promise<void> {
  const error = await failure(guestModule(wat));
  expect(error.code).toBe(code);
  expect(error.message).toContain(message);
  expect(error.hint).toContain(hint);
  expect(error.where).toMatchObject({ module: "guest" });
}

describe("a module that is loaded", () => {
  test("has a name, a hash and a shape, and says what it does", async () => {
    const bytes = await compileWat(guestWat({ transform: "filter", memory: "1 8", init: "(i32.const 0)" }));
    const module = await loadModule(bytes, "mine");
    expect(module.name).toBe("mine");
    expect(await module.sha256()).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect([module.abi.name, module.abi.kind]).toEqual(["packed", "filter"]);
    expect(module.shape.memories).toEqual([{ pagesMin: 1, pagesMax: 8 }]);
    expect(module.shape.imports).toEqual([]);
    expect(module.shape.exports).toContainEqual({
      name: "millrace_reserve",
      kind: "function",
      type: { parameters: ["i32", "i32"], results: ["i32"] },
    });
    expect((await guestModule({ transform: "map" })).abi.kind).toBe("map");
  });

  test("does not depend on the memory it was given in, which may be shared or be used again", async () => {
    const bytes = await compileWat(guestWat());
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 3)).subarray(3);
    shared.set(bytes);
    expect((await loadModule(shared, "guest")).abi.kind).toBe("map");
    const loading = loadModule(bytes, "guest");
    const hash = createHash("sha256").update(bytes).digest("hex");
    bytes.fill(0);
    expect(await (await loading).sha256()).toBe(hash);
  });
});

describe("bytes that are no module", () => {
  test.each([
    ["nothing", new Uint8Array(0), "does not begin with", "the file is empty"],
    ["a few bytes of one", Uint8Array.of(0, 0x61, 0x73), "does not begin with", "the built .wasm file"],
    [
      "the text form",
      new TextEncoder().encode("(module)"),
      "does not begin with",
      "not its source or text form",
    ],
    ["nothing but a magic number", Uint8Array.of(0, 0x61, 0x73, 0x6d), "does not compile", "damaged"],
    ["a component", Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), "does not compile", "feature"],
  ])("%s", async (_what, bytes, message, hint) => {
    const error = await failure(loadModule(bytes, "input.wasm"));
    expect(error.code).toBe("module.not-wasm");
    expect(error.message).toContain(`input.wasm`);
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
    expect(error.category).toBe("config");
  });

  test("a module that was cut short, at any byte", async () => {
    const bytes = await compileWat(guestWat());
    for (let length = 8; length < bytes.length; length += 7) {
      const error = await failure(loadModule(bytes.slice(0, length), "guest"));
      expect(["module.not-wasm", "module.abi"]).toContain(error.code);
    }
  });
});

describe("a module that does not keep to the packed ABI", () => {
  const complete = guestWat();
  const without = (exported: string): string => complete.replace(`(export "${exported}")`, "");
  const mark = `(func (export "millrace_packed_1") (result i32) (i32.const 1024))`;

  test("lacks an export", async () => {
    await expectRefused(without("memory"), "module.abi", "guest#memory exports no memory", "layout.ts");
    await expectRefused(
      without("millrace_reserve"),
      "module.abi",
      "guest#millrace_reserve is missing",
      "layout.ts",
    );
    await expectRefused(
      without("millrace_map"),
      "module.abi",
      "exactly one transform (found: none)",
      "layout.ts",
    );
  });

  test("has an export of another type or kind", async () => {
    const typed = (from: string, to: string): string => {
      expect(complete).toContain(from);
      return complete.replace(from, to);
    };
    await expectRefused(
      typed("(param $first i32) (result i32)", "(param $first i32) (param i64) (result i32)"),
      "module.abi",
      "guest#millrace_map has the type (i32, i64) -> i32, the ABI wants (i32) -> i32",
      "layout.ts",
    );
    await expectRefused(
      guestWat({ extra: `(func (export "millrace_init"))` }),
      "module.abi",
      "guest#millrace_init has the type () -> nothing, the ABI wants () -> i32",
      "layout.ts",
    );
    await expectRefused(
      `${without("millrace_reserve").slice(0, -1)} (global (export "millrace_reserve") i32 (i32.const 0)))`,
      "module.abi",
      "guest#millrace_reserve is a global, not a function",
      "layout.ts",
    );
    await expectRefused(
      `${without("millrace_packed_1").slice(0, -1)} (global (export "millrace_packed_1") i32 (i32.const 1024)))`,
      "module.abi",
      "guest#millrace_packed_1 is a global, not a function",
      "layout.ts",
    );
    await expectRefused(
      `${without("memory").slice(0, -1)} (global (export "memory") i32 (i32.const 1024)))`,
      "module.abi",
      "guest#memory exports no memory",
      "layout.ts",
    );
  });

  test("has two transforms", async () => {
    const two = guestWat({
      extra: `(func (export "millrace_filter") (param i32) (result i32) (i32.const 0))`,
    });
    await expectRefused(two, "module.abi", "(found: millrace_map, millrace_filter)", "layout.ts");
  });

  test("an export with the name of an object's property is no transform", async () => {
    const extra = ["constructor", "toString", "__proto__"]
      .map((name) => `(func (export "${name}") (param i32) (result i32) (i32.const 0))`)
      .join("");
    expect((await guestModule({ extra })).abi.kind).toBe("map");
  });

  test("imports something", async () => {
    const importing = (imports: string): string => complete.replace("(module", `(module ${imports}`);
    await expectRefused(
      importing(`(import "env" "abort" (func (param i32 i32 i32 i32)))`),
      "module.import",
      "guest imports env.abort",
      "--use abort=",
    );
    await expectRefused(
      importing(
        `(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
         (import "wasi_unstable" "fd_write" (func (param i32 i32 i32 i32) (result i32)))`,
      ),
      "module.import",
      "guest imports wasi_unstable.fd_write, but",
      "wasm32-wasip1",
    );
    await expectRefused(
      importing(`(import "wasi_snapshot_preview1" "sock_open" (func))`),
      "module.import",
      "wasi_snapshot_preview1.sock_open",
      "without these imports",
    );
    await expectRefused(
      complete.replace(
        `(memory (export "memory") 1)`,
        `(memory (export "memory") (import "env" "memory") 1)`,
      ),
      "module.import",
      "env.memory",
      "without these imports",
    );
  });

  test("is of a version that is not known", async () => {
    const wat = complete.replace("millrace_packed_1", "millrace_packed_2");
    await expectRefused(
      wat,
      "module.abi",
      "a version of the packed ABI that this Millrace does not know",
      "packed_1",
    );
  });

  test("lacks the mark, or is something else altogether", async () => {
    await expectRefused(
      without("millrace_packed_1"),
      "module.abi",
      "its exports are: memory, millrace_reserve",
      "millrace_packed_1",
    );
    await expectRefused("(module)", "module.abi", "its exports are: none", "millrace_packed_1");
    await expectRefused(
      `(module ${mark.replace("millrace_packed_1", "main")})`,
      "module.abi",
      "main",
      "README",
    );
  });

  test("looks like one of Fluvio's, but gives nothing back", async () => {
    const wat = `(module
      (memory (export "memory") 1)
      (func (export "alloc") (param i32) (result i32) (i32.const 8))
      (func (export "filter") (param i32 i32 i32) (result i32) (i32.const 0)))`;
    await expectRefused(wat, "module.abi", "speaks no ABI", "fluvio-smartmodule");
  });
});
