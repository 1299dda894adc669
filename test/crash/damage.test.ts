import { spawnSync } from "node:child_process";
import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Ended, folderWith, millrace } from "../cli/support/millrace.ts";
import { Dice } from "../support/dice.ts";
import { type Line, layDown, linesOf, summedAgain, topicName } from "./pipelines.ts";

const lines = linesOf(200);
const isLinux = process.platform === "linux";
const program = join(import.meta.dirname, "../../dist/bin.js");
const dataFile = `.millrace/topics/${topicName}/data.mdb`;

/** A folder with pipelines, and with a topic that the first of them has filled. */
async function filledFolder(): Promise<string> {
  const folder = await folderWith();
  await layDown(folder, lines);
  expect(await millrace(["run", "in.yaml", "--once"], { cwd: folder })).toMatchObject({ code: 0 });
  return folder;
}

/** What a run has delivered is the beginning of what it should have, and all of it where it says so. */
async function expectNoSilentLoss(
  folder: string,
  { code, signal, stderr }: Ended,
  wanted: readonly Line[],
): Promise<void> {
  const text = await readFile(join(folder, "out.txt"), "utf8").catch(() => "");
  const whole = wanted.map(({ summed }) => `${summed}\n`).join("");
  expect(signal, stderr).toBeNull();
  expect(whole.startsWith(text), stderr).toBe(true);
  if (code === 0) expect(text).toBe(whole);
  else expect(stderr).toMatch(/^✗ .+\n(.*\n)* {2}→ .+\n/m);
}

describe("a topic whose file was damaged", { timeout: 300_000 }, () => {
  test("in what holds its records ends the run that reads it, at the record, with what is before it delivered", async () => {
    const folder = await filledFolder();
    const intact = readFileSync(join(folder, dataFile));
    const wanted = summedAgain(lines);
    const dice = new Dice(5);
    const frames = [...intact.toString("latin1").matchAll(/MRF1/g)].map(({ index }) => index);
    expect(frames.length).toBeGreaterThan(3);
    let refused = 0;
    for (let round = 0; round < 4; round++) {
      const copy = await folderWith();
      await cp(folder, copy, { recursive: true });
      const damaged = Buffer.from(intact);
      const at = dice.pick(frames) + dice.below(100);
      damaged[at] = (damaged[at] as number) ^ (1 << dice.below(8));
      writeFileSync(join(copy, dataFile), damaged);
      const ended = await millrace(["run", "out.yaml", "--once"], { cwd: copy });
      await expectNoSilentLoss(copy, ended, wanted);
      if (ended.code === 0) continue;
      refused++;
      expect(ended.code).toBe(3);
      expect(ended.stderr).toMatch(new RegExp(` at ${topicName}@\\d+\n`));
    }
    expect(refused).toBeGreaterThan(0);
  });

  test("by being cut off ends the run that reads it with an error", async () => {
    const folder = await filledFolder();
    const { size } = statSync(join(folder, dataFile));
    truncateSync(join(folder, dataFile), size >> 1);
    const ended = await millrace(["run", "out.yaml", "--once"], { cwd: folder });
    expect(ended.code).toBe(3);
    await expectNoSilentLoss(folder, ended, summedAgain(lines));
  });
});

describe.runIf(isLinux)("a disk that fills up", { timeout: 300_000 }, () => {
  /** Runs a pipeline whose files may not be larger than so many blocks of 512 bytes. */
  function runWithin(blocks: number, config: string, cwd: string): Ended {
    const command = `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`;
    const args = ["-c", command, "sh", process.execPath, program, "run", config, "--once"];
    const { status, signal, stdout, stderr } = spawnSync("sh", args, { cwd, encoding: "utf8" });
    return { code: status, signal, stdout, stderr };
  }

  test("under a topic ends the run with what to do, and the next run goes on where it was", async () => {
    const folder = await folderWith();
    await layDown(folder, lines);
    const { code, signal, stderr } = runWithin(100, "in.yaml", folder);
    expect({ code, signal }).toEqual({ code: 3, signal: null });
    expect(stderr).toMatch(/free space/);
    expect(await millrace(["run", "in.yaml", "--once"], { cwd: folder })).toMatchObject({ code: 0 });
    const { stdout } = await millrace(["topic", "consume", topicName], { cwd: folder });
    expect(stdout).toBe(lines.map(({ summed }) => `${summed}\n`).join(""));
  });

  test("under a file ends the run with what to do, and the next run leaves nothing out", async () => {
    const folder = await filledFolder();
    const { code, signal, stderr } = runWithin(16, "out.yaml", folder);
    expect({ code, signal }).toEqual({ code: 3, signal: null });
    expect(stderr).toMatch(/out\.txt/);
    expect(await millrace(["run", "out.yaml", "--once"], { cwd: folder })).toMatchObject({ code: 0 });
    const text = await readFile(join(folder, "out.txt"), "utf8");
    const wanted = summedAgain(lines).map(({ summed }) => summed);
    // What was not acknowledged comes again.
    const from = text.lastIndexOf(`${wanted[0]}\n`);
    const written = text.slice(Math.max(0, from)).trimEnd().split("\n");
    expect(written).toEqual(wanted.slice(from < 0 ? wanted.length - written.length : 0));
  });
});
