import { readdirSync } from "node:fs";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type ReadPlan, readPlan } from "../../src/config/index.ts";
import { formatWhere } from "../../src/errors.ts";
import { readConfig } from "./read-config.ts";

const folder = join(import.meta.dirname, "../fixtures/configs");
const configs = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

/** What a plan comes to, as lines: golden files are read by people. */
function goldenOf({ plan, warnings }: ReadPlan): string {
  const { name, type, direction, topic, consumer, start, keepsPosition, batchBytes, steps } = plan;
  const lines = [
    `${direction} ${name}: ${type}, topic ${topic}, batches of ${batchBytes} bytes`,
    `consumer ${consumer} begins ${JSON.stringify(start)}${keepsPosition ? "" : " in each run"}`,
    `settings ${JSON.stringify(plan.settings, null, 2)}`,
    ...steps.map(({ stage, modulePath, parameters, lookBack, accumulator }) => {
      const more = JSON.stringify({ with: Object.fromEntries(parameters), lookBack, accumulator });
      return `${stage} ${relative(plan.folder, modulePath)} ${more}`;
    }),
    ...warnings.map(({ where, message }) => `warns ${relative(folder, formatWhere(where))} ${message}`),
  ];
  return `${lines.join("\n")}\n`;
}

describe("a config of another time", () => {
  test.each(configs)("%s makes this plan", async (name) => {
    const golden = join(folder, name.replace(/yaml$/, "plan.txt"));
    await expect(goldenOf(await readPlan(join(folder, name)))).toMatchFileSnapshot(golden);
  });

  test("names modules by files that are there, and by names otherwise", async () => {
    const here = await mkdtemp(join(tmpdir(), "millrace-flat-"));
    onTestFinished(() => rm(here, { recursive: true }));
    await copyFile(import.meta.filename, join(here, "only-cats"));
    const file = join(here, "pipe.yaml");
    const flat =
      "version: v1\nname: a\ntype: generate\ntopic: b\nparameters:\n  smartstream-filter: only-cats\n";
    await writeFile(file, flat);
    const { plan } = await readPlan(file);
    expect(plan.steps.map(({ modulePath, stage }) => [stage, modulePath])).toEqual([
      ["filter", join(here, "only-cats")],
    ]);
  });

  const flat = (rest: string, head = "name: a\ntype: http\ntopic: b\n"): string =>
    `version: v1\n${head}${rest}`;
  const parameters = "parameters:\n  endpoint: http://127.0.0.1/\n";

  test.each<readonly [string, string, readonly string[]]>([
    [
      "calls keys as the file does",
      flat("parameters:\n  endpoint: 5\n  interval: soon\n  map: [a]\n"),
      [
        "6:13 parameters.endpoint: expected a text, found the number 5",
        '7:13 parameters.interval: "soon" is not a duration; write it as `500ms`, `5s` or `1h 30m`',
        "8:8 parameters.map: expected the name of a module, found a list",
      ],
    ],
    ["misses the topic", flat(parameters, "name: a\ntype: http\n"), ["1:1 topic: missing; expected a text"]],
    [
      "knows what a slip was meant to be",
      flat(parameters, "name: a\ntype: http\ntopc: b\n"),
      ['4:1 "topc": unknown key; did you mean "topic"?'],
    ],
    [
      "has a direction that is none",
      flat(`${parameters}direction: in\n`),
      ['7:12 direction: expected "source" or "sink", found the text "in"'],
    ],
    [
      "has a direction that contradicts the type",
      flat(`${parameters}direction: sink\n`, "name: a\ntype: http-source\ntopic: b\n"),
      ['7:12 direction: "sink" contradicts the type "http-source"'],
    ],
    [
      "has a type that is none",
      flat(parameters, "name: a\ntype: htpp\ntopic: b\n"),
      ['3:7 no connector has the type "htpp-source"'],
    ],
    [
      "has no parameters",
      flat(""),
      ["3:7 parameters: missing; the type http-source is set up in a section of this name"],
    ],
    [
      "has a list of parameters",
      flat("parameters: [a]\n"),
      ["5:1 parameters: expected a mapping, found a list"],
    ],
    [
      "has two lists of modules",
      flat(`${parameters}  smart-module: ./a.wasm\ntransforms:\n  - uses: ./b.wasm\n`),
      ["8:1 transforms: cannot be used together with the module in line 7"],
    ],
    [
      "has parameters of modules that are none",
      flat(`${parameters}  filter: ./a.wasm\n  smartmodule-parameters: [a, { b: c }]\n`),
      [
        '8:28 parameters.smartmodule-parameters: expected key:value, found the text "a"',
        "8:31 parameters.smartmodule-parameters: expected key:value, found a mapping",
      ],
    ],
  ])("is refused where it %s", async (_name, config, problems) => {
    expect((await readConfig(config)).problems).toEqual(problems);
  });

  test("warns of keys that mean nothing, with a near miss", async () => {
    const { warnings } = await readConfig(
      flat(`${parameters}  intervall: 5\nproducr: {}\nx-note: [1]\nanything: 1\n`),
    );
    expect(warnings).toEqual([
      '7:3 parameters.intervall: unknown key, ignored; did you mean "interval"?',
      '8:1 "producr": unknown key, ignored; did you mean "producer"?',
      '10:1 "anything": unknown key, ignored',
    ]);
  });
});
