import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith, millrace, start } from "../cli/support/millrace.ts";
import { Dice } from "../support/dice.ts";
import { exchangeAndKill } from "./kill.ts";
import { layDownNumbers, letterOf, putVersion } from "./pipelines.ts";
import { storedIn } from "./stored.ts";

// A commit is tried with a few; MILLRACE_KILLS=200 npx vitest run test/crash tries more.
const kills = Number(process.env.MILLRACE_KILLS ?? 4);
const seed = Number(process.env.MILLRACE_SEED ?? Date.now() % 1_000_000);
const timeout = 60_000 + kills * 10_000;

/** Goes through the values of a topic, in order, from where it was before. */
class Judge {
  #next = 0;
  #sum = 0;
  #version = 0;
  /** Letters of the versions that made records. */
  readonly letters = new Set<string>();

  /**
   * Holds that all that was stored is there once, in order, with its sum, and made by one version after another.
   * @param newest the version of the files
   */
  expect(values: readonly string[], newest: number): void {
    expect(values.length).toBeGreaterThanOrEqual(this.#next);
    for (; this.#next < values.length; this.#next++) {
      const given = `${this.#next}`;
      let sum = Math.imul(this.#sum, 31);
      for (const byte of Buffer.from(given)) sum = (sum + byte) | 0;
      this.#sum = sum;
      const value = values[this.#next] ?? "";
      const letter = value.slice(-1);
      expect(value.slice(0, -1)).toBe(`${given}:${(sum >>> 0).toString(16).padStart(8, "0")}`);
      while (this.#version < newest && letterOf(this.#version) !== letter) this.#version++;
      expect(letter, value).toBe(letterOf(this.#version));
      this.letters.add(letter);
    }
  }
}

test(`a pipeline that is killed ${kills} times around an exchange of its modules delivers into a topic exactly once`, {
  timeout,
}, async () => {
  const folder = await folderWith();
  const judge = new Judge();
  const watched = join(folder, ".millrace/topics/numbers");
  let exchanges = 0;
  let stored = 0;
  /** Resolves when a record is there that was not. */
  const atWork = async (): Promise<void> => {
    const next = ["topic", "consume", "numbers", "--from", `${stored}`, "--count", "1", "--follow"];
    const { code, stderr } = await millrace(next, { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  };
  await storedIn(folder, "numbers", "in");
  for (let killed = 0; killed < kills; killed++) {
    const dice = new Dice(seed, killed);
    const note = `seed ${seed}, kill ${killed}`;
    await layDownNumbers(folder, killed, dice.pick(["inline", "thread"]));
    const replace = (): Promise<void> => putVersion(folder, killed + 1);
    const exchange = { atWork, replace, afterwards: killed % 2 === 1 };
    const ended = await exchangeAndKill(["run", "in.yaml"], folder, watched, exchange, dice);
    expect([ended.signal, ended.stdout], note + ended.stderr).toEqual(["SIGKILL", ""]);
    if (ended.isExchanged) exchanges++;
    const { values, position } = await storedIn(folder, "numbers", "in");
    judge.expect(values, killed + 1);
    expect(position?.next, note).toBe(values.length);
    stored = values.length;
  }
  expect(exchanges).toBeGreaterThanOrEqual(Math.floor(kills / 2));

  // The next run goes on with what is in the files.
  const call = start(["run", "in.yaml"], { cwd: folder });
  await atWork();
  call.child.kill("SIGINT");
  expect((await call.ended).code).toBe(0);
  judge.expect((await storedIn(folder, "numbers", "in")).values, kills);
  expect(judge.letters.has(letterOf(kills))).toBe(true);
});
