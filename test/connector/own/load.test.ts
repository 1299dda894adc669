import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/index.ts";
import { readPlan } from "../../../src/config/index.ts";
import { preparePipeline, type RunnablePipeline } from "../../../src/run/index.ts";
import { tempFolder } from "../support/temp-folder.ts";

const fixtures = join(import.meta.dirname, "../../fixtures/connectors");
const never = new AbortController().signal;

async function planOf(type: string, section = "", topic = "numbers"): ReturnType<typeof readPlan> {
  const text = `apiVersion: 0.1.0
meta: { version: 0.1.0, name: own, type: "${type}", topic: ${topic} }
${section}`;
  return readPlan(join(fixtures, "pipe.yaml"), { text });
}

async function prepared(type: string, section: string, topicFolder: string): Promise<RunnablePipeline> {
  const { plan, warnings } = await planOf(type, section);
  expect(warnings).toEqual([]);
  return preparePipeline(plan, { once: true, topicFolder, log: silentLogger, onSkip() {} });
}

describe("a connector of the user's own", () => {
  test("is used as the connectors of this package are, at both ends", async () => {
    const folder = tempFolder();
    const path = join(folder, "out.txt");
    const inbound = await prepared("./both.js#source", "both: { count: 4 }", folder);
    await inbound.run(never);
    expect(inbound.counts).toMatchObject({ read: 4, delivered: 4 });
    // Its position is stored with the records, and handed to it again.
    const again = await prepared("./both.js#source", "both: { count: 6 }", folder);
    await again.run(never);
    expect(again.counts.read).toBe(2);
    const outbound = await prepared("./both.js#sink", `both: { path: ${JSON.stringify(path)} }`, folder);
    await outbound.run(never);
    expect(readFileSync(path, "utf8")).toBe("0\n1\n2\n3\n4\n5\n");
  });

  test("may be exported as default, and needs no `#` where it has one end", async () => {
    const { plan } = await planOf("./by-default.js");
    expect([plan.direction, plan.connector.system, plan.settings]).toEqual([
      "inbound",
      "both",
      { count: 3, path: "both.txt" },
    ]);
  });

  test("has its section checked by its own schema", async () => {
    await expect(planOf("./both.js#sink", "both: { count: many }")).rejects.toMatchObject({
      code: "config.invalid",
      message: expect.stringContaining("both.count"),
    });
    const { warnings } = await planOf("./both.js#sink", "both: { cuont: 3 }");
    expect(warnings[0]?.message).toContain('did you mean "count"?');
  });

  test.each([
    ["./missing.js", "connector.load", "there is no connector at"],
    ["./throws.js", "connector.load", "not today"],
    ["./no-export.js", "connector.load", "exports no `connector`"],
    ["./bad-name.js", "connector.load", "`system` is no name"],
    ["./no-schema.js", "connector.load", "without a schema"],
    ["./no-ends.js", "connector.load", "neither a `source` nor a `sink`"],
    ["./both.js", "connector.end", "has two ends"],
    ["./by-default.js#sink", "connector.end", "has no sink"],
  ])("%s is refused with %s at the place of the type", async (type, code, message) => {
    await expect(planOf(type)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      where: { file: join(fixtures, "pipe.yaml"), line: 2 },
      hint: expect.stringMatching(/./),
    });
  });

  test.each(["open", "read", "acknowledge"])("that fails in %s says so, and where", async (call) => {
    const pipeline = await prepared("./both.js#source", `both: { fails: ${call} }`, tempFolder());
    await expect(pipeline.run(never)).rejects.toMatchObject({
      code: "connector.failed",
      message: `the connector failed in ${call}: no ${call} today`,
      where: { file: join(fixtures, "both.js") },
      cause: expect.any(TypeError),
    });
  });

  test("that fails in write loses nothing", async () => {
    const folder = tempFolder();
    await (await prepared("./both.js#source", "both: {}", folder)).run(never);
    const failing = await prepared("./both.js#sink", "both: { fails: write }", folder);
    await expect(failing.run(never)).rejects.toMatchObject({ code: "connector.failed" });
    expect(failing.counts).toMatchObject({ read: 3, delivered: 0, inFlight: 3 });
    const path = join(folder, "out.txt");
    await (await prepared("./both.js#sink", `both: { path: ${JSON.stringify(path)} }`, folder)).run(never);
    expect(readFileSync(path, "utf8")).toBe("0\n1\n2\n");
  });
});
