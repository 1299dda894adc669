import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readPlan } from "../../src/config/index.ts";

const examples = join(import.meta.dirname, "../../examples");
const configs = (await readdir(examples, { recursive: true }))
  .filter((file) => /(?<!\.test)\.ya?ml$/.test(file))
  .toSorted();

describe("the examples", () => {
  test("are there", () => expect(configs.length).toBeGreaterThan(0));

  test.each(configs)("%s is a config without warnings", async (file) => {
    expect((await readPlan(join(examples, file))).warnings).toEqual([]);
  });
});
