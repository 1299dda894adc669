import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { replayCapture, replayFailure } from "../../../src/devkit/replay/index.ts";
import type { ReplayWith } from "../../../src/devkit/replay/open-step.ts";
import type { ReplayResult } from "../../../src/devkit/replay/result.ts";
import { limits } from "../../../src/limits.ts";
import { encodeEntry } from "../../../src/run/capture/entry.ts";
import { CaptureReader, captureFile } from "../../../src/run/index.ts";
import { referenceFilter } from "../../engine/reference-guests.ts";
import { runOf } from "../../run/capture/runs.ts";
import { committed } from "../../smartmodules/built.ts";
import { guestWat } from "../../support/guests.ts";
import { compileWat } from "../../support/wat.ts";

const modules: Record<string, Uint8Array> = {};
beforeAll(async () => {
  modules["check.wasm"] = await compileWat(guestWat(referenceFilter));
  modules["keep-all.wasm"] = await compileWat(guestWat({ transform: "filter" }));
  modules["drop-all.wasm"] = await compileWat(guestWat({ transform: "filter", record: "(i32.const 2)" }));
  for (const name of ["json-split", "json-pick", "count-by", "dedup", "throttle"]) {
    modules[`${name}.wasm`] = await committed(name);
  }
});

async function replay(file: string, options: ReplayWith = {}): Promise<ReplayResult> {
  const reader = await CaptureReader.open(await captureFile(file));
  try {
    return await replayCapture(file, reader, options);
  } finally {
    await reader.close();
  }
}

const settings = "millrace: { isolation: inline, batch-bytes: 64, onError: skip }";
const lines = Array.from({ length: 30 }, (_, i) => `${["k", "d", "!"][i % 3]}${i}`);

describe("a replay", () => {
  test("of the same modules comes to the same, for each kind of step", async () => {
    const orders = Array.from({ length: 50 }, (_, i) =>
      JSON.stringify({
        id: i,
        items: Array.from({ length: i % 3 }, (__, n) => ({ id: `${i % 7}-${n}`, n })),
      }),
    );
    const more = `transforms:
  - { uses: json-split.wasm, with: { field: items } }
  - { uses: dedup.wasm, with: { field: id } }
  - { uses: json-pick.wasm, with: { fields: { n: n } } }
  - { uses: count-by.wasm, with: { field: n } }
millrace: { isolation: inline, batch-bytes: 256, deterministic: true }`;
    const { file } = await runOf({ modules, lines: orders, more, capture: {} });
    const result = await replay(file);
    expect(result).toMatchObject({
      same: true,
      complete: true,
      mode: "same-modules",
      records: 50,
      differences: [],
    });
    expect(result.steps.map(({ sameModule, records, same }) => [sameModule, same - records])).toEqual(
      Array.from({ length: 4 }, () => [true, 0]),
    );
    expect(result.batches).toBeGreaterThan(2);
    expect(replayFailure(result)).toBeUndefined();
  });

  test("goes on with what an aggregate had added up before the capture", async () => {
    const more = `transforms: [{ uses: count-by.wasm, with: { field: k } }]\n${settings}`;
    const first = await runOf({ modules, lines: ['{"k":1}'], more });
    const two = ['{"k":1}', '{"k":1}', '{"k":2}'];
    const { file, delivered } = await runOf({ folder: first.folder, modules, lines: two, more, capture: {} });
    expect(delivered.length).toBe(3);
    expect((await replay(file)).same).toBe(true);
  });

  test("says at which record and byte something else comes out", async () => {
    const more = `transforms: [{ uses: json-pick.wasm, with: { fields: { a: a } } }]\n${settings}`;
    const { file, folder } = await runOf({
      modules,
      lines: ['{"a":1}', '{"a":12,"b":5}'],
      more,
      capture: {},
    });
    // A capture in which the module has made something else of the second record.
    const bytes = await readFile(file);
    const reader = await CaptureReader.open(await captureFile(file));
    const parts: Uint8Array[] = [bytes.subarray(0, 8), encodeEntry(reader.head, [])];
    for await (const { envelope, frames } of reader.entries()) {
      const changed = frames.map((frame) => frame.bytes.slice());
      for (const frame of changed) {
        const found = Buffer.from(frame.buffer).lastIndexOf('{"a":12}');
        if (found > 0) frame[found + 5] = 0x39;
      }
      parts.push(
        encodeEntry(
          envelope,
          changed.map((frame) => ({ bytes: frame }) as never),
        ),
      );
    }
    await reader.close();
    const other = join(folder, "other.mrcap");
    await writeFile(other, Buffer.concat(parts));
    const result = await replay(other);
    expect(result).toMatchObject({ same: false, complete: false });
    expect(result.differences).toEqual([
      {
        batch: 0,
        record: 1,
        step: "1-json-pick.wasm",
        part: "value",
        byte: 5,
        captured: '{"a":92}',
        now: '{"a":12}',
      },
    ]);
    expect(result.notes[0]).toContain("was cut off");
    expect(replayFailure(result)).toMatchObject({
      code: "replay.differs",
      message: expect.stringContaining("record 1 of batch 0 in 1-json-pick.wasm, its value, from byte 5 on"),
    });
  });

  test("with another module counts what that one would have done", async () => {
    const { file, folder } = await runOf({
      modules,
      lines,
      more: `filter: { uses: check.wasm }\n${settings}`,
      capture: {},
    });
    const kept = await replay(file, { module: join(folder, "keep-all.wasm") });
    expect(kept).toMatchObject({ mode: "what-if", same: false });
    expect(kept.steps).toMatchObject([
      { sameModule: false, records: 30, same: 10, added: 20, dropped: 0, failed: 0 },
    ]);
    const dropped = await replay(file, { module: join(folder, "drop-all.wasm") });
    // What failed has failed no more, and nothing comes of it all the same.
    expect(dropped.steps).toMatchObject([{ records: 30, same: 10, added: 0, dropped: 10, changed: 10 }]);
    expect(dropped.differences[0]).toMatchObject({
      part: "fate",
      captured: expect.stringMatching(/^kept: /),
      now: "dropped",
    });
    const more = await replay(file, { module: join(folder, "check.wasm"), step: "1" });
    expect(more).toMatchObject({ mode: "same-modules", same: true });
  });

  test("shows replayDifferencesMax differences, and counts all", async () => {
    const many = Array.from({ length: 40 }, (_, i) => `k${i}`);
    const { file, folder } = await runOf({
      modules,
      lines: many,
      more: `filter: { uses: check.wasm }\n${settings}`,
      capture: {},
    });
    const result = await replay(file, { module: join(folder, "drop-all.wasm") });
    expect(result.differences).toHaveLength(limits.replayDifferencesMax.default);
    expect(result.steps[0]?.dropped).toBe(40);
  });

  test("with other parameters is a what-if of the step that is chosen", async () => {
    const more = `transforms:
  - { uses: check.wasm }
  - { uses: json-pick.wasm, with: { fields: { a: a } } }
${settings}`;
    const { file } = await runOf({ modules, lines: ["k"], more, capture: {} });
    const parameters = new Map([["fields", '{"b":"a"}']]);
    expect(await replay(file, { parameters, step: "json-pick.wasm" })).toMatchObject({ mode: "what-if" });
    await expect(replay(file, { step: "3" })).rejects.toMatchObject({
      code: "cli.usage",
      hint: "it has 1-check.wasm, 2-json-pick.wasm",
    });
    await expect(replay(file, { module: "x.wasm" })).rejects.toMatchObject({
      hint: expect.stringContaining("--at"),
    });
  });

  test("finds its modules by their hashes, and refuses others", async () => {
    const { file, folder } = await runOf({
      modules,
      lines,
      more: `filter: { uses: check.wasm }\n${settings}`,
      capture: {},
    });
    await rename(join(folder, "check.wasm"), join(folder, "elsewhere.wasm"));
    await expect(replay(file)).rejects.toMatchObject({
      code: "capture.module",
      message: expect.stringContaining("is not there"),
    });
    await writeFile(join(folder, "check.wasm"), modules["keep-all.wasm"] as Uint8Array);
    await expect(replay(file)).rejects.toMatchObject({
      code: "capture.module",
      message: expect.stringContaining("another module"),
    });
    await expect(replay(file, { folder: "/nowhere" })).rejects.toMatchObject({ code: "capture.module" });
  });

  test("of a step that had ended the run ends in the same way", async () => {
    modules["trap.wasm"] = await compileWat(
      guestWat({
        record:
          "(if (i32.eq (call $firstByte (local.get $i)) (i32.const 33)) (then (unreachable))) (i32.const 1)",
      }),
    );
    const more = `transforms: [{ uses: trap.wasm, stateful: true }]\nmillrace: { isolation: inline }`;
    const { file, error } = await runOf({ modules, lines: ["a", "!", "b"], more, capture: {} });
    expect(error).toMatchObject({ code: "module.trap" });
    expect(await replay(file)).toMatchObject({ same: true, records: 3 });
    expect(await replay(file, { module: join(file, "../keep-all.wasm") })).toMatchObject({
      same: false,
      differences: [{ part: "failure", now: "it did not end" }],
    });
  });
});
