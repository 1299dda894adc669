import { execFileSync } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fileSinkConfig, generateConfig } from "../cli/support/configs.ts";
import { type Call, folderWith, millrace, start } from "../cli/support/millrace.ts";

const oneRecord = generateConfig({ generate: ["count: 1"] });
const endless = generateConfig({ name: "endless", generate: ["rate: 500"] });

/** Starts a pipeline without an end on a topic that holds one record, and waits until more have arrived. */
async function startEndless(cwd: string, words: readonly string[] = []): Promise<Call> {
  await millrace(["run", "one.yaml", "--once"], { cwd });
  const call = start(["run", "endless.yaml", ...words], { cwd });
  const seen = ["topic", "consume", "orders", "--from", "1", "--count", "1", "--follow"];
  expect(await millrace(seen, { cwd })).toMatchObject({ code: 0, stderr: "" });
  return call;
}

describe("the first signal", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s lets what was read arrive, and ends with 0",
    async (signal) => {
      const cwd = await folderWith({ "one.yaml": oneRecord, "endless.yaml": endless });
      const call = await startEndless(cwd, ["--json"]);
      call.child.kill(signal);
      const { code, stdout, stderr } = await call.ended;
      expect(code).toBe(0);
      expect(stderr).toContain("stopping when the records under way have arrived");
      const { ok, result } = JSON.parse(stdout);
      expect({ ok, end: result.end, inFlight: result.counts.inFlight }).toEqual({
        ok: true,
        end: "signal",
        inFlight: 0,
      });
      expect(result.counts.delivered).toBe(result.counts.read);
      const list = await millrace(["topic", "list", "--json"], { cwd });
      expect(JSON.parse(list.stdout).result.topics[0].next).toBe(1 + result.counts.delivered);
    },
  );

  test("is followed by the table", async () => {
    const cwd = await folderWith({ "one.yaml": oneRecord, "endless.yaml": endless });
    const call = await startEndless(cwd);
    call.child.kill("SIGINT");
    const { code, stdout } = await call.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✓ endless: stopped after /);
    expect(stdout).toMatch(/\nread .* \+ in flight 0\n$/);
  });

  test("ends a follower with 0", async () => {
    const cwd = await folderWith({ "one.yaml": oneRecord });
    await millrace(["run", "one.yaml", "--once"], { cwd });
    const call = start(["topic", "consume", "orders", "--follow"], { cwd });
    await call.until("stdout", "\n");
    call.child.kill("SIGINT");
    expect(await call.ended).toMatchObject({ code: 0, signal: null, stderr: "" });
  });
});

test("a second run of the same pipeline exits with 3", async () => {
  const cwd = await folderWith({ "one.yaml": oneRecord, "endless.yaml": endless });
  await startEndless(cwd);
  const { code, stdout, stderr } = await millrace(["run", "endless.yaml", "--json"], { cwd });
  expect(code).toBe(3);
  expect(stderr).toMatch(/^✗ .*endless/);
  expect(JSON.parse(stdout).error.code).toBe("pipeline.locked");
});

test.skipIf(process.platform === "win32")(
  "a second signal does not wait for a write that hangs",
  async () => {
    const cwd = await folderWith({
      "in.yaml": generateConfig({ generate: ["count: 5000"] }),
      "out.yaml": fileSinkConfig("pipe"),
    });
    await millrace(["run", "in.yaml", "--once"], { cwd });
    execFileSync("sh", ["-c", "mkfifo pipe"], { cwd });
    const reader = await open(join(cwd, "pipe"), "r+");
    const call = start(["run", "out.yaml"], { cwd });
    try {
      // More than fits into the pipe is on its way once the first bytes are there, and nobody reads on.
      await reader.read(new Uint8Array(1));
      call.child.kill("SIGTERM");
      await call.until("stderr", "stopping when the records under way have arrived");
      call.child.kill("SIGINT");
      // A shell makes exit code 130 of it.
      expect(await call.ended).toMatchObject({ code: null, signal: "SIGINT", stdout: "" });
    } finally {
      await reader.close();
    }
  },
);
