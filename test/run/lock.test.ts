import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockPipeline } from "../../src/run/lock.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-lock-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("one run at a time holds a pipeline's lock, and releasing it lets the next one in", async () => {
  const first = await lockPipeline("orders", folder);
  await expect(lockPipeline("orders", folder)).rejects.toMatchObject({
    code: "pipeline.locked",
    category: "environment",
  });
  await first.release();
  const second = await lockPipeline("orders", folder);
  await second.release();
});

test("other pipelines, and the same name on other topics, are other locks", async () => {
  const other = await mkdtemp(join(tmpdir(), "millrace-lock-"));
  const locks = [
    await lockPipeline("orders", folder),
    await lockPipeline("refunds", folder),
    await lockPipeline("orders", other),
  ];
  for (const lock of locks) await lock.release();
  await rm(other, { recursive: true });
});

test("two paths to one folder are one lock", async () => {
  const lock = await lockPipeline("orders", folder);
  await expect(
    lockPipeline("orders", join(folder, "..", folder.slice(folder.lastIndexOf("/") + 1))),
  ).rejects.toMatchObject({
    code: "pipeline.locked",
  });
  await lock.release();
});

test("a process that is killed lets go of its lock", async () => {
  const holder = fork(fileURLToPath(new URL("lock-holder.js", import.meta.url)), ["orders", folder]);
  const [message] = await once(holder, "message");
  expect(message).toBe("held");
  await expect(lockPipeline("orders", folder)).rejects.toMatchObject({ code: "pipeline.locked" });
  const gone = once(holder, "exit");
  holder.kill("SIGKILL");
  await gone;
  const lock = await lockPipeline("orders", folder);
  await lock.release();
});
