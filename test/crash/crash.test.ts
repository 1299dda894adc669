import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../cli/support/millrace.ts";
import { Dice } from "../support/dice.ts";
import { runAndKill } from "./kill.ts";
import { type Line, layDown, linesOf, summedAgain, topicName } from "./pipelines.ts";
import { storedIn } from "./stored.ts";

// A commit is tried with a few; MILLRACE_KILLS=200 npx vitest run test/crash tries more.
const kills = Number(process.env.MILLRACE_KILLS ?? 10);
const seed = Number(process.env.MILLRACE_SEED ?? Date.now() % 1_000_000);
const timeout = 60_000 + kills * 10_000;

/** Runs a pipeline until it ends by itself, killing it over and over; gives how often it was killed. */
async function runToEnd(
  config: string,
  folder: string,
  watched: string,
  dice: Dice,
  afterKill: () => Promise<void>,
): Promise<number> {
  for (let killed = 0; ; killed++) {
    // Where it was killed early over and over, it still comes to its end.
    const changesMax = 10 + killed * 10;
    const { code, signal, stderr } = await runAndKill(
      ["run", config, "--once"],
      folder,
      watched,
      changesMax,
      dice,
    );
    if (signal !== "SIGKILL") {
      expect({ code, stderr: stderr.replace(/^⚠ .*ends in the middle of a line.*\n/m, "") }).toEqual({
        code: 0,
        stderr: "",
      });
      return killed;
    }
    await afterKill();
  }
}

/** Every line is there, in order; after a kill some come again, and one may break off. */
function expectAtLeastOnce(text: string, lines: readonly Line[], killed: number): void {
  const known = new Map(lines.map(({ summed }, index) => [summed, index]));
  let next = 0;
  let repeats = 0;
  let torn = 0;
  for (const line of text.slice(0, -1).split("\n")) {
    const index = known.get(line);
    if (index === undefined) {
      const whole = lines[next]?.summed ?? "";
      expect(whole.startsWith(line), `"${line}" is no part of "${whole}"`).toBe(true);
      torn++;
      continue;
    }
    if (index !== next) {
      expect(index, "a line is left out").toBeLessThan(next);
      repeats++;
    }
    next = index + 1;
  }
  expect(text.endsWith("\n")).toBe(true);
  expect(next).toBe(lines.length);
  expect(repeats).toBeLessThanOrEqual(killed);
  expect(torn).toBeLessThanOrEqual(killed);
}

test(`a pipeline that is killed ${kills} times delivers into a topic exactly once, and on into a file in order`, {
  timeout,
}, async () => {
  const lines = linesOf(500);
  for (let round = 0, killed = 0; killed < kills; round++) {
    const dice = new Dice(seed, round);
    const folder = await folderWith();
    await layDown(folder, lines);
    const note = `seed ${seed}, round ${round}`;

    const topicFolder = join(folder, ".millrace/topics", topicName);
    const inbound = await runToEnd("in.yaml", folder, topicFolder, dice, async () => {
      const { values, position } = await storedIn(folder, topicName, "in");
      const wanted = lines.slice(0, values.length).map(({ summed }) => summed);
      expect(values, note).toEqual(wanted);
      expect(position?.line ?? 0, note).toBe(values.length);
    });
    const { values } = await storedIn(folder, topicName, "in");
    expect(values, note).toEqual(lines.map(({ summed }) => summed));

    const outbound = await runToEnd("out.yaml", folder, folder, dice, async () => {});
    expectAtLeastOnce(await readFile(join(folder, "out.txt"), "utf8"), summedAgain(lines), outbound);
    killed += inbound + outbound;
  }
});
