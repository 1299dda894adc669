import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileWat } from "../support/wat.ts";
import { chanceWat } from "./chance.ts";
import { expected, outcomes } from "./check.js";

// `.ci/smoke-node-versions` does the same on each line of Node. After a change that is meant: `node test/determinism/check.js --update`.
test("modules give the same bytes for the same fuel as on any other machine and Node", async () => {
  const stated = expected();
  expect(await outcomes()).toEqual(stated);
  // What was expected says something: each module did some work, and no two did the same.
  const digests = Object.values(stated).map(({ sha256, fuel }) => `${sha256} ${fuel}`);
  expect(new Set(digests).size).toBe(digests.length);
  for (const [file, { fuel }] of Object.entries(stated)) expect(fuel, file).toBeGreaterThan(0);
});

test("the module that uses WASI's chance and clock is the one that its source makes", async () => {
  const committed = new Uint8Array(readFileSync(join(import.meta.dirname, "chance.wasm")));
  expect(await compileWat(chanceWat)).toEqual(committed);
});
