import { describe, expect, test } from "vitest";
import { type WasmInstance, type WasmMemory, webAssembly } from "../../../src/base/index.ts";
import { firstCalls } from "../../../src/engine/abi/first-calls.ts";
import { guestLimits } from "../../../src/engine/guest-limits.ts";
import type { ModuleLogLine } from "../../../src/engine/index.ts";
import { readShape } from "../../../src/engine/module/shape.ts";
import type { Wasi } from "../../../src/engine/wasi/contract.ts";
import { errno } from "../../../src/engine/wasi/errno.ts";
import { prepareWasi } from "../../../src/engine/wasi/wasi.ts";
import { openFluvio, openFluvioGuest } from "../../support/fluvio.ts";
import { texts } from "../../support/records.ts";
import { compileWat } from "../../support/wat.ts";
import { run } from "../run.ts";

/** What a module that handles records may call, each under its name. */
const types: Readonly<Record<string, string>> = {
  args_get: "i32 i32",
  args_sizes_get: "i32 i32",
  clock_res_get: "i32 i32",
  clock_time_get: "i32 i64 i32",
  environ_get: "i32 i32",
  environ_sizes_get: "i32 i32",
  fd_close: "i32",
  fd_read: "i32 i32 i32 i32",
  fd_seek: "i32 i64 i32 i32",
  fd_write: "i32 i32 i32 i32",
  path_open: "i32 i32 i32 i32 i32 i64 i64 i32 i32",
  random_get: "i32 i32",
  sched_yield: "",
};

const probe = `(module
  ${Object.entries(types)
    .map(
      ([name, type]) =>
        `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${type}) (result i32)))`,
    )
    .join("\n")}
  (memory (export "memory") 1)
  (global $started (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $started (i32.add (global.get $started) (i32.const 1))))
  (func (export "started") (result i32) (global.get $started))
  ${Object.keys(types)
    .map((name) => `(export "${name}" (func $${name}))`)
    .join("\n")})`;

type Function = (...values: readonly (number | bigint)[]) => number;

interface Opened {
  readonly wasi: Wasi;
  readonly instance: WasmInstance;
  readonly view: DataView;
  call(name: string, ...values: readonly (number | bigint)[]): number;
}

async function open(backend: "own" | "wasmer", deterministic = false): Promise<Opened> {
  const binary = await compileWat(probe);
  const module = { name: "probe", shape: readShape(binary), limits: guestLimits() };
  const wasi = (await prepareWasi(module, { wasi: backend, deterministic }))();
  const instance = wasi.instantiate(await webAssembly.compile(binary), {});
  for (const { call } of firstCalls(instance)) call();
  const view = new DataView((instance.exports.memory as WasmMemory).buffer as ArrayBuffer);
  return {
    wasi,
    instance,
    view,
    call: (name, ...values) => (instance.exports[name] as unknown as Function)(...values),
  };
}

function lines(wasi: Wasi): string[] {
  const taken: ModuleLogLine[] = [];
  wasi.takeLog((line) => taken.push(line));
  return taken.map(({ module, level, text }) => `${module} ${level} ${text}`);
}

/** Puts a text at an address, and its place as the only entry of a list at another. */
function put({ view }: Opened, listAt: number, at: number, text: string): void {
  const bytes = new TextEncoder().encode(text);
  new Uint8Array(view.buffer).set(bytes, at);
  view.setUint32(listAt, at, true);
  view.setUint32(listAt + 4, bytes.length, true);
}

describe.each(["own", "wasmer"] as const)("the back end %s", (backend) => {
  test("makes a module ready, once", async () => {
    expect((await open(backend)).call("started")).toBe(1);
  });

  test("gives no arguments and no environment", async () => {
    const { call, view } = await open(backend);
    // One of them has a name of the program all the same: an empty text, with the 0 behind it.
    const argument = backend === "own" ? 0 : 1;
    for (const [name, size] of [
      ["args_sizes_get", argument],
      ["environ_sizes_get", 0],
    ] as const) {
      view.setUint32(0, 77, true);
      view.setUint32(4, 77, true);
      expect([call(name, 0, 4), view.getUint32(0, true), view.getUint32(4, true)]).toEqual([0, size, size]);
    }
    expect([call("args_get", 0, 4), call("environ_get", 0, 4)]).toEqual([0, 0]);
  });

  test("takes what is written as lines of the log", async () => {
    const opened = await open(backend);
    const { call, view, wasi } = opened;
    put(opened, 0, 100, "one\ntwo\nand");
    expect([call("fd_write", 1, 0, 1, 40), view.getUint32(40, true)]).toEqual([0, 11]);
    put(opened, 0, 100, " more");
    expect(call("fd_write", 1, 0, 1, 40)).toBe(0);
    put(opened, 0, 100, "careful");
    expect(call("fd_write", 2, 0, 1, 40)).toBe(0);
    expect(lines(wasi)).toEqual([
      "probe info one",
      "probe info two",
      "probe info and more",
      "probe warn careful",
    ]);
    expect(lines(wasi)).toEqual([]);
    put(opened, 0, 100, "a panic\n");
    call("fd_write", 2, 0, 1, 40);
    expect([wasi.takeError(), wasi.takeError()]).toEqual(["a panic", ""]);
  });

  test("gives a clock and chance", async () => {
    const { call, view } = await open(backend);
    const before = BigInt(Date.now()) * 1_000_000n;
    expect(call("clock_time_get", 0, 1n, 0)).toBe(0);
    const after = BigInt(Date.now() + 1) * 1_000_000n;
    expect(view.getBigUint64(0, true)).toBeGreaterThanOrEqual(before);
    expect(view.getBigUint64(0, true)).toBeLessThanOrEqual(after);
    expect([call("clock_time_get", 1, 1n, 0), call("clock_time_get", 1, 1n, 8)]).toEqual([0, 0]);
    expect(view.getBigUint64(8, true)).toBeGreaterThanOrEqual(view.getBigUint64(0, true));
    expect([call("clock_res_get", 0, 0), view.getBigUint64(0, true) > 0n]).toEqual([0, true]);
    expect([call("random_get", 200, 32), call("random_get", 300, 32)]).toEqual([0, 0]);
    const bytes = new Uint8Array(view.buffer);
    expect(bytes.slice(200, 232)).not.toEqual(bytes.slice(300, 332));
    expect(call("sched_yield")).toBe(0);
  });

  test("has no descriptors that are not there", async () => {
    const { call } = await open(backend);
    for (const descriptor of [99, -1]) {
      expect(call("fd_write", descriptor, 0, 0, 40)).toBe(errno.badf);
      expect(call("fd_read", descriptor, 0, 0, 40)).toBe(errno.badf);
      expect(call("fd_close", descriptor)).toBe(errno.badf);
      expect(call("fd_seek", descriptor, 0n, 0, 40)).toBe(errno.badf);
      expect(call("path_open", descriptor, 0, 100, 1, 0, 0n, 0n, 0, 40)).toBe(errno.badf);
    }
  });

  test("refuses what lies outside of memory", async () => {
    const { call } = await open(backend);
    for (const at of [65_533, -8]) {
      expect(call("args_sizes_get", at, 0)).not.toBe(0);
      expect(call("environ_sizes_get", 0, at)).not.toBe(0);
      expect(call("clock_time_get", 0, 1n, at)).not.toBe(0);
      expect(call("random_get", at, 16)).not.toBe(0);
      expect(call("fd_write", 1, at, 1, 40)).not.toBe(0);
    }
  });

  test("ends a module that ends itself", async () => {
    const transform = await openFluvioGuest(
      {
        imports: '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))',
        body: "(call $exit (i32.const 3)) (unreachable)",
      },
      { wasi: backend },
    );
    const reason =
      backend === "own" ? "it ended itself with the status 3" : "it ended itself or threw an exception";
    expect(run(transform, ["a"]).failures).toMatchObject([
      { code: "module.trap", message: `trapped: ${reason}` },
    ]);
  });

  test("runs modules that were built for it", async () => {
    const logged: ModuleLogLine[] = [];
    const transform = await openFluvio("panics-wasi", { wasi: backend, lines: logged, stateful: false });
    const batch = run(transform, ["a", "log", "print", "panic", "b"]);
    expect(texts(batch)).toEqual(["a", "log", "print", "b"]);
    expect(batch.failures).toMatchObject([
      { origin: 3, message: expect.stringContaining("this record is poison") as string },
    ]);
    expect(logged.map(({ level, text }) => [level, text]).sort()).toEqual([
      ["info", "another line"],
      ["warn", "a line for the log"],
    ]);
  });
});

test("a back end without a clock of the records is not taken for one", async () => {
  await expect(open("wasmer", true)).rejects.toMatchObject({ code: "module.wasi" });
  await expect(open("own", true)).resolves.toBeDefined();
});
