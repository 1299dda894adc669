import { describe, expect, test } from "vitest";
import { webAssembly } from "../../../src/base/index.ts";
import type { ModuleLogLine } from "../../../src/engine/index.ts";
import { errno } from "../../../src/engine/wasi/errno.ts";
import { preview1Names } from "../../../src/engine/wasi/functions.ts";
import { Preview1 } from "../../../src/engine/wasi/preview1.ts";
import { deterministicWorld, realWorld, type World } from "../../../src/engine/wasi/world.ts";
import { limits } from "../../../src/limits.ts";
import { guestModule, guestWat } from "../../support/guests.ts";
import { texts } from "../../support/records.ts";
import { run } from "../run.ts";

type AnyFunction = (...values: (number | bigint)[]) => number;

function open(world: World = deterministicWorld()) {
  const preview1 = new Preview1("guest", world);
  const memory = new webAssembly.Memory({ initial: 1 });
  preview1.use({ exports: { memory } });
  const view = new DataView(memory.buffer as ArrayBuffer);
  const call = (name: string, ...values: (number | bigint)[]): number =>
    (preview1.functions()[name] as unknown as AnyFunction)(...values);
  const lines = (): ModuleLogLine[] => {
    const taken: ModuleLogLine[] = [];
    preview1.written.take((line) => taken.push(line));
    return taken;
  };
  return { preview1, view, bytes: new Uint8Array(memory.buffer), call, lines };
}

describe("what is not there", () => {
  test("is answered for each function there is, and never throws", () => {
    const { call } = open();
    const special = /^(args|environ|clock|random|sched|poll|proc_exit)/;
    for (const name of preview1Names) {
      if (special.test(name)) continue;
      const isOfDescriptor = /^(fd|path)_/.test(name);
      expect([name, call(name, 3, 0, 0, 0, 0, 0n, 0n, 0, 0)]).toEqual([
        name,
        isOfDescriptor ? errno.badf : errno.nosys,
      ]);
    }
    expect(call("fd_write", 0, 0, 0, 0)).toBe(errno.badf);
    expect(call("fd_prestat_get", 3, 0)).toBe(errno.badf);
    expect(call("fd_read", 0, 0, 0, 0)).toBe(errno.badf);
  });

  test("is not there before an instance has its memory either", () => {
    const functions = new Preview1("guest", realWorld()).functions();
    for (const [name, values] of [
      ["random_get", [0, 1]],
      ["environ_sizes_get", [0, 4]],
      ["fd_write", [1, 0, 0, 0]],
      ["poll_oneoff", [0, 0, 1, 0]],
    ] as const) {
      expect([name, (functions[name] as unknown as AnyFunction)(...values)]).toEqual([name, errno.fault]);
    }
  });
});

describe("outputs", () => {
  test("are described as those of a terminal", () => {
    const { call, view, bytes } = open();
    bytes.fill(0xff);
    expect([
      call("fd_fdstat_get", 1, 8),
      view.getUint8(8),
      view.getBigUint64(16, true),
      view.getUint8(32),
    ]).toEqual([0, 2, 0n, 0xff]);
    expect([call("fd_fdstat_get", 3, 8), call("fd_fdstat_get", 2, 65_520)]).toEqual([
      errno.badf,
      errno.fault,
    ]);
  });

  test("take several pieces in one call, and say how much they took", () => {
    const { call, view, bytes, lines } = open();
    bytes.set(new TextEncoder().encode("abc\ndé"), 100);
    for (const [i, [at, length]] of [
      [100, 2],
      [102, 0],
      [102, 5],
    ].entries()) {
      view.setUint32(i * 8, at as number, true);
      view.setUint32(i * 8 + 4, length as number, true);
    }
    expect([call("fd_write", 1, 0, 3, 64), view.getUint32(64, true)]).toEqual([0, 7]);
    expect(lines()).toEqual([
      { module: "guest", level: "info", text: "abc" },
      { module: "guest", level: "info", text: "dé" },
    ]);
  });

  test("refuse pieces and places outside of memory, and more bytes than a number of 32 bits says", () => {
    const { call, view } = open();
    const piece = (at: number, length: number): number => {
      view.setUint32(0, at, true);
      view.setUint32(4, length, true);
      return call("fd_write", 1, 0, 1, 64);
    };
    expect([piece(65_536, 0), piece(65_530, 7), piece(0, 0xffffffff), piece(0xfffffff0, 8)]).toEqual([
      0,
      errno.fault,
      errno.fault,
      errno.fault,
    ]);
    expect([call("fd_write", 1, 0, 0x2000_0000, 64), call("fd_write", 1, 65_530, 1, 64)]).toEqual([
      errno.fault,
      errno.fault,
    ]);
    view.setUint32(0, 0, true);
    view.setUint32(4, 4, true);
    expect(call("fd_write", 1, 0, 1, 65_533)).toBe(errno.fault);
    const { call: many, view: places } = open();
    for (let i = 0; i < 8192; i++) places.setUint32(i * 8 + 4, i === 8191 ? 0 : 65_536, true);
    expect(many("fd_write", 1, 0, 8192, 65_528)).toBe(0);
    for (let i = 0; i < 8; i++) expect(many("fd_write", 1, 0, 8000, 65_528)).toBe(0);
  });

  test("keep moduleLogBytesMax of a call, and say what is lost", () => {
    const { default: bytesMax } = limits.moduleLogBytesMax;
    const { call, view, bytes, lines } = open();
    bytes.fill(0x78, 0, 65_536);
    view.setUint32(0, 1000, true);
    view.setUint32(4, 50_000, true);
    expect([call("fd_write", 2, 0, 1, 64), call("fd_write", 2, 0, 1, 64)]).toEqual([0, 0]);
    const [line, lost] = lines();
    expect([line?.level, line?.text.length]).toEqual(["warn", bytesMax]);
    expect(lost).toEqual({
      module: "guest",
      level: "warn",
      text: `${100_000 - bytesMax} more bytes were written and are lost`,
    });
    expect(lines()).toEqual([]);
  });
});

describe("a world that is the same in each run", () => {
  test("has the records' time, and the same bytes of chance", () => {
    const taken = [1, 2].map(() => {
      const world = deterministicWorld();
      const { call, view, bytes } = open(world);
      world.begin(1_700_000_000_123);
      call("clock_time_get", 0, 0n, 0);
      call("random_get", 100, 64);
      return [view.getBigUint64(0, true), Buffer.from(bytes.slice(100, 164)).toString("hex")];
    });
    expect(taken[0]).toEqual(taken[1]);
    expect(taken[0]?.[0]).toBe(1_700_000_000_123_000_000n);
    expect(new Set(Buffer.from(taken[0]?.[1] as string, "hex")).size).toBeGreaterThan(40);
  });

  test("never lets the monotonic clock go back", () => {
    const world = deterministicWorld();
    world.begin(5000);
    world.begin(3000);
    expect([world.now(), world.monotonic()]).toEqual([3000, 5000]);
  });

  test("reaches packed modules", async () => {
    const clock =
      '(import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))';
    const packed = await guestModule(
      `(module ${clock} ${guestWat({
        record: `(drop (call $clock (i32.const 0) (i64.const 0) (i32.const 512)))
          (call $setTimestamp (local.get $i) (i64.div_u (i64.load (i32.const 512)) (i64.const 1000000)))
          (i32.const ${3 | 0x40})`,
      }).slice("(module".length)}`,
    );
    const transform = await packed.abi.open(packed, { parameters: new Map(), deterministic: true });
    expect(
      Array.from(run(transform, [{ value: "a", timestamp: 777 }]), (record) => record.timestamp),
    ).toEqual([777]);
  });
});

describe("a module that waits", () => {
  const subscribe = (view: DataView, at: number, tag: number, ns: bigint, flags = 0, id = 0): void => {
    view.setBigUint64(at, BigInt(at) + 7n, true);
    view.setUint8(at + 8, tag);
    view.setUint32(at + 16, id, true);
    view.setBigUint64(at + 24, ns, true);
    view.setUint16(at + 40, flags, true);
  };

  test("is not waited for, and its clocks have gone on", () => {
    for (const world of [deterministicWorld(), realWorld()]) {
      const { call, view } = open(world);
      const before = [world.now(), world.monotonic()] as const;
      subscribe(view, 0, 0, 3_600_000_000_000n);
      subscribe(view, 48, 1, 0n);
      expect([call("poll_oneoff", 0, 200, 2, 300), view.getUint32(300, true)]).toEqual([0, 2]);
      expect([view.getBigUint64(200, true), view.getUint16(208, true), view.getUint8(210)]).toEqual([
        7n,
        0,
        0,
      ]);
      expect([view.getBigUint64(232, true), view.getUint16(240, true), view.getUint8(242)]).toEqual([
        55n,
        errno.badf,
        1,
      ]);
      expect(world.now() - before[0]).toBeGreaterThanOrEqual(3_600_000);
      expect(world.now() - before[0]).toBeLessThan(3_660_000);
      expect(world.monotonic() - before[1]).toBeGreaterThanOrEqual(3_600_000);
    }
  });

  test("for a time goes on to that time, and not back to one that is over", () => {
    const world = deterministicWorld();
    world.begin(1000);
    const { call, view } = open(world);
    subscribe(view, 0, 0, 5_000_000_000n, 1);
    call("poll_oneoff", 0, 200, 1, 300);
    expect(world.now()).toBe(5000);
    subscribe(view, 0, 0, 2_000_000_000n, 1, 1);
    call("poll_oneoff", 0, 200, 1, 300);
    expect(world.now()).toBe(5000);
  });

  test("for nothing, or for what lies outside of memory, is told so", () => {
    const { call } = open();
    expect(call("poll_oneoff", 0, 200, 0, 300)).toBe(errno.inval);
    expect(call("poll_oneoff", 65_500, 200, 1, 300)).toBe(errno.fault);
    expect(call("poll_oneoff", 0, 65_520, 1, 300)).toBe(errno.fault);
    expect(call("poll_oneoff", 0, 200, 1, 65_533)).toBe(errno.fault);
    expect(call("poll_oneoff", 0, 200, -1, 300)).toBe(errno.fault);
  });
});

test("clocks that there are not, are told so", () => {
  const { call } = open();
  expect([call("clock_time_get", 2, 0n, 0), call("clock_res_get", -1, 0)]).toEqual([
    errno.inval,
    errno.inval,
  ]);
  expect([call("clock_time_get", 0, 0n, 65_532), call("random_get", 65_530, 8)]).toEqual([
    errno.fault,
    errno.fault,
  ]);
});

test("a packed module may write, and says more of a trap so", async () => {
  const write =
    '(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))';
  const wat = guestWat({
    data: "oh no",
    record: `(i32.store (i32.const 512) (i32.const 2048)) (i32.store (i32.const 516) (i32.const 5))
      (drop (call $write (i32.const 2) (i32.const 512) (i32.const 1) (i32.const 528)))
      (if (i32.eq (call $firstByte (local.get $i)) (i32.const 33)) (then (unreachable))) (i32.const 1)`,
  });
  const module = await guestModule(`(module ${write} ${wat.slice("(module".length)}`);
  const lines: ModuleLogLine[] = [];
  const transform = await module.abi.open(module, { parameters: new Map(), log: (line) => lines.push(line) });
  expect(texts(run(transform, ["a"]))).toEqual(["a"]);
  expect(lines).toEqual([{ module: "guest", level: "warn", text: "oh no" }]);
  expect(run(transform, ["!"]).failures).toMatchObject([
    { code: "module.trap", message: "trapped: oh no (unreachable)" },
  ]);
});
