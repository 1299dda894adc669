import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generateConfig } from "../cli/support/configs.ts";
import { folderWith, millrace, start } from "../cli/support/millrace.ts";
import { guestWat } from "../support/guests.ts";
import { compileWat } from "../support/wat.ts";

const keep = (version: number): Promise<Uint8Array> =>
  compileWat(guestWat({ transform: "filter", record: `(drop (i32.const ${version})) (i32.const 1)` }));

test("a hangup signal exchanges the modules of a pipeline that runs, and a bad one is refused", async () => {
  const config = generateConfig({ generate: ["rate: 500"], more: ["filter: { uses: keep.wasm }"] });
  const cwd = await folderWith({ "in.yaml": config, "keep.wasm": await keep(1) });
  const put = async (bytes: Uint8Array | string): Promise<void> => {
    await writeFile(join(cwd, "new.wasm"), bytes);
    await rename(join(cwd, "new.wasm"), join(cwd, "keep.wasm"));
  };
  const call = start(["run", "in.yaml", "--json"], { cwd });
  // The topic appears when the pipeline runs.
  const one = ["topic", "consume", "orders", "--count", "1", "--follow"];
  await expect
    .poll(async () => (await millrace(one, { cwd })).code, { timeout: 20_000, interval: 50 })
    .toBe(0);
  await put("no module");
  call.child.kill("SIGHUP");
  await call.until("stderr", "the pipeline goes on as it was");
  await put(await keep(2));
  call.child.kill("SIGHUP");
  await call.until("stderr", "modules were exchanged after ");
  call.child.kill("SIGINT");
  const { code, stdout, stderr } = await call.ended;
  expect(stderr).toMatch(
    /in\.yaml:9:17: keep\.wasm is not a WebAssembly module: .* \(.*\); nothing was exchanged/,
  );
  const { result } = JSON.parse(stdout);
  expect([code, result.end, result.counts.inFlight]).toEqual([0, "signal", 0]);
  expect(result.exchanges).toEqual([
    {
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      recordsBefore: expect.any(Number) as number,
      modules: [{ step: "1-keep.wasm", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string }],
    },
  ]);
  expect(stderr).toContain(`: 1-keep.wasm ${result.exchanges[0].modules[0].sha256.slice(0, 12)}`);
});
