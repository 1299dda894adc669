import { join } from "node:path";
import { PassThrough } from "node:stream";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import type { InputStream } from "../../../src/cli/input/index.ts";
import { faultFile } from "../../fixtures/faults/faults.ts";
import { call } from "../support/in-process.ts";

const fixture = join(import.meta.dirname, "../../fixtures/captures/orders.mrcap");

/** A terminal on which keys are pressed one after the other. */
function terminal(keys: string): InputStream {
  const stdin: InputStream = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
  stdin.push(keys);
  return stdin;
}

/** Pages that were drawn on a terminal, by their first lines. */
function pagesOf(stdout: string): readonly string[] {
  return stdout
    .split("\u001B[2J\u001B[H")
    .slice(1)
    .map((page) => page.split("\n")[0] ?? "");
}

describe("replay", () => {
  test("of the committed capture is bit for bit the same on this version of Node", async () => {
    const { code, stdout, stderr } = await call(["replay", fixture]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("200 records in 6 batches replayed, all the same\n");
    expect(stdout).toMatch(/\n4-counts-on\.wasm +counts-on\.wasm +200 +200 +0 +0 +0 +0\n/);
  });

  test("tells programs what its schema says", async () => {
    const { stdout } = await call([
      "replay",
      fixture,
      "--module",
      faultFile("keeps-all"),
      "--at",
      "4",
      "--json",
    ]);
    const { result, command, ok } = JSON.parse(stdout);
    expect([command, ok]).toEqual(["replay", true]);
    const steady = { ...result, capture: "orders.mrcap", differences: result.differences.slice(0, 2) };
    await expect(`${JSON.stringify(steady, undefined, 2)}\n`).toMatchFileSnapshot("what-if.json");
    const schema = JSON.parse((await call(["schema", "--of", "replay-report"])).stdout);
    const ajv = new Ajv2020({ strict: false });
    ajv.validate(schema, result);
    expect(ajv.errors).toBeNull();
  });

  test("with another module shows what that one would have done, and does not fail", async () => {
    const { code, stdout } = await call([
      "replay",
      fixture,
      "-m",
      faultFile("keeps-all"),
      "--at",
      "counts-on.wasm",
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n4-counts-on\.wasm +keeps-all\.wasm +200 +134 +66 +0 +0 +0\n/);
    expect(stdout).toMatch(/\nbatch 0, record 2, 4-counts-on\.wasm: fate\n {2}- dropped\n {2}\+ kept: /);
    const other = await call(["replay", fixture, "-m", faultFile("cuts-characters"), "--at", "5"]);
    expect(other.stdout).toContain("all the same");
  });

  test("lists record by record where nobody presses keys", async () => {
    const { code, stdout } = await call(["replay", fixture, "--step"]);
    expect(code).toBe(0);
    const pages = stdout.split("\n\n").filter((page) => page !== "");
    expect(pages).toHaveLength(200);
    expect(pages[2]).toMatch(/^record 2 of batch 0, 2 of the run\n/);
    expect(pages[2]).toMatch(/\n1-filter\.wasm {2}kept\n2-counting-map\.wasm {2}replaced\n/);
    expect(pages[2]?.endsWith("4-counts-on.wasm  dropped")).toBe(true);
    const instead = await call(["replay", fixture, "--step", "-m", faultFile("keeps-all"), "--at", "4"]);
    expect(instead.stdout.split("\n\n")[2]).toMatch(/\n4-counts-on\.wasm → keeps-all\.wasm {2}kept$/);
  });

  test("goes through the records by keys on a terminal", async () => {
    const stdin = terminal("n p n n \u001B[C\u001B[Dc f x q");
    const { code, stdout } = await call(["replay", fixture, "--step"], { stdin, isTerminal: true });
    expect(code).toBe(0);
    expect(stdout).toContain("→ next · ← back · c next that was changed or dropped");
    const shown = pagesOf(stdout).map((page) => Number(/record (\d+)/.exec(page)?.[1]));
    // n, blank, p, blank, n, blank, n, blank, right, left, c, blank, f, blank, x, blank: none has failed, and x is no key here.
    expect(shown).toEqual([0, 1, 2, 1, 2, 3, 4, 5, 6, 7, 6, 7, 8, 9, 10]);
  });

  test.each<[readonly string[], number, string]>([
    [["nothing.mrcap"], 3, "there is no capture nothing.mrcap"],
    [[join(import.meta.dirname, "replay.test.ts")], 3, 'does not begin with "MRCAP"'],
    [[fixture, "--at", "9"], 2, 'the capture has no step "9"'],
    [[fixture, "--step", "--json"], 2, "--step shows records to people"],
    [[fixture, "-m", faultFile("same")], 2, "can take the place of one"],
    [[fixture, "-m", "none.wasm", "--at", "1"], 2, "there is no module at none.wasm"],
  ])("%j ends with %i", async (words, expected, message) => {
    const { code, stderr } = await call(["replay", ...words]);
    expect(code).toBe(expected);
    if (!words.includes("--json")) expect(stderr).toContain(message);
  });
});
