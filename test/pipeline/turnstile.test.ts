import { describe, expect, test } from "vitest";
import { Turnstile } from "../../src/pipeline/turnstile.ts";

/** Whether a promise has settled by the time that everything before it has. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe("a turnstile", () => {
  test("lets in until it is closed, and again when it is opened", async () => {
    const turnstile = new Turnstile();
    expect(await isSettled(turnstile.pass())).toBe(true);
    expect(await turnstile.close()).toBe(true);
    const waiting = turnstile.pass();
    expect(await isSettled(waiting)).toBe(false);
    turnstile.open();
    expect(await isSettled(waiting)).toBe(true);
    expect(await isSettled(turnstile.pass())).toBe(true);
  });

  test("is empty when all that came in are out, and not before", async () => {
    const turnstile = new Turnstile();
    for (let i = 0; i < 3; i++) turnstile.enter();
    const empty = turnstile.close();
    turnstile.leave(2);
    expect(await isSettled(empty)).toBe(false);
    turnstile.leave(1);
    expect(await empty).toBe(true);
  });

  test("lets everybody go at its end, and says that it never was empty", async () => {
    const turnstile = new Turnstile();
    turnstile.enter();
    const empty = turnstile.close();
    const waiting = turnstile.pass();
    turnstile.end();
    expect([await empty, await isSettled(waiting), await turnstile.close()]).toEqual([false, true, false]);
    expect(await isSettled(turnstile.pass())).toBe(true);
  });
});
