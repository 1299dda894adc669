import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../src/config/index.ts";
import { guestLimits } from "../../src/engine/index.ts";
import { formatWhere } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";
import { inbound, type Outcome, outbound, readConfig } from "./read-config.ts";

async function planOf(config: string): Promise<Outcome & { readonly plan: Plan }> {
  const outcome = await readConfig(config);
  expect(outcome.problems).toEqual([]);
  expect(outcome.plan).toBeDefined();
  return { ...outcome, plan: outcome.plan as Plan };
}

/** The steps as `stage file-name policy`. */
function stepsOf({ steps }: Plan): string[] {
  return steps.map(({ stage, modulePath, onError }) => `${stage} ${basename(modulePath)} ${onError}`);
}

describe("a plan", () => {
  test("of a config with nothing but what is needed has defaults for the rest", async () => {
    const text = "meta:\n  name: out\n  type: file-sink\n  topic: quakes\nfile:\n  path: a\n";
    const { plan, folder, warnings } = await planOf(text);
    const { connector, redactor, ...rest } = plan;
    expect(redactor.isIdle).toBe(true);
    expect(connector.system).toBe("file");
    expect(rest).toEqual({
      name: "out",
      file: join(folder, "pipe.yaml"),
      folder,
      text,
      direction: "outbound",
      type: "file-sink",
      settings: { path: "a" },
      extract: { kind: "lines" },
      topic: "quakes",
      consumer: "out",
      start: { from: "beginning", skip: 0 },
      keepsPosition: true,
      steps: [],
      onError: "fail",
      onSourceError: "fail",
      onSinkError: "fail",
      deadLetterTopic: undefined,
      errorWindow: undefined,
      topicFolder: undefined,
      isolation: "thread",
      batchBytes: limits.batchBytes.default,
      capture: undefined,
      batchRecords: limits.batchRecordsMax.default,
      framesInFlight: limits.framesInFlightMax.default,
      world: { wasi: "own", deterministic: false },
    });
    expect(warnings).toEqual([]);
  });

  test("says what modules see of the world, and whether they keep something", async () => {
    const steps = "transforms: [{ uses: a.wasm, stateful: false }, { uses: b.wasm }]\n";
    const { plan } = await planOf(inbound(`${steps}millrace: { wasi: wasmer }\n`));
    expect(plan.world).toEqual({ wasi: "wasmer", deterministic: false });
    expect(plan.steps.map(({ stateful }) => stateful)).toEqual([false, undefined]);
    const { plan: same } = await planOf(inbound("millrace: { deterministic: true }\n"));
    expect(same.world).toEqual({ wasi: "own", deterministic: true });
  });

  test("has limits for each step: its own, those of the section, and the usual ones", async () => {
    const { plan } = await planOf(
      inbound(
        "millrace:\n  limits: { memory-bytes: 8 MiB, fuel-per-record: 1000, fuel: off }\n" +
          "filter:\n  - uses: a.wasm\n" +
          "  - uses: b.wasm\n    limits: { fuel-per-record: 5, fuel-per-setup: 7, module-bytes: 1 kB, table-elements: 3, fuel: on,\n      deadline: 1s 500ms }\n",
      ),
    );
    expect(plan.steps.map((step) => step.limits)).toMatchObject([
      {
        moduleBytesMax: limits.moduleBytesMax.default,
        memoryBytesMax: 8 * 1024 * 1024,
        tableElementsMax: limits.tableElementsMax.default,
        fuelPerRecord: 1000,
        fuelPerSetup: limits.fuelPerSetup.default,
        deadlineMs: limits.deadlineMs.default,
        fuel: false,
      },
      {
        moduleBytesMax: 1000,
        memoryBytesMax: 8 * 1024 * 1024,
        tableElementsMax: 3,
        fuelPerRecord: 5,
        fuelPerSetup: 7,
        deadlineMs: 1500,
        fuel: true,
      },
    ]);
    const { plan: usual } = await planOf(inbound("filter:\n  uses: a.wasm\n"));
    expect(usual.steps.map((step) => step.limits)).toEqual([guestLimits()]);
  });

  test("says of a deadline that nothing holds it inline, wherever it stands, and says nothing else of it", async () => {
    const both = (isolation: string): Promise<{ readonly warnings: readonly string[] }> =>
      planOf(
        inbound(
          `millrace:\n  isolation: ${isolation}\n  limits: { deadline: 1s }\n` +
            "filter:\n  - uses: a.wasm\n    limits: { fuel: off, deadline: 2s }\n  - uses: b.wasm\n",
        ),
      );
    const because =
      "has no effect with `isolation: inline`: only a thread can be ended, and there is none; fuel is what stops a module there";
    const { warnings } = await both("inline");
    expect(warnings.map((warning) => warning.replace(/^\S+ /, ""))).toEqual([
      `millrace.limits.deadline ${because}`,
      `filter[0].limits.deadline ${because}`,
    ]);
    expect((await both("thread")).warnings).toEqual([]);
    expect(
      (await planOf(inbound("millrace: { isolation: inline }\nfilter:\n  uses: a.wasm\n"))).warnings,
    ).toEqual([]);
  });

  test("has settings and extract as the connector's schemas make them", async () => {
    const section = "http:\n  endpoint: http://127.0.0.1/\n  interval: 1h 30m\n";
    const { plan } = await planOf(inbound("millrace:\n  extract: { json-array: /features }\n", section));
    expect(plan.direction).toBe("inbound");
    expect(plan.settings).toMatchObject({
      endpoint: "http://127.0.0.1/",
      interval: 5_400_000,
      method: "GET",
    });
    expect(plan.extract).toEqual({ "json-array": "/features" });
  });

  test("needs no section where all settings have defaults, and takes an empty one", async () => {
    const meta = "meta: { name: a, type: generate-source, topic: b }\n";
    const { plan } = await planOf(meta);
    expect(plan.settings).toEqual((await planOf(`${meta}generate:\n`)).plan.settings);
    expect(plan.settings).toBeTypeOf("object");
  });

  test("has absolute paths, counted from the folder of the config", async () => {
    const { plan, folder } = await planOf(
      inbound(
        "millrace: { topic-folder: ../topics }\ntransforms:\n  - uses: a.wasm\n  - uses: ./b\n  - uses: ../c/d.WASM\n  - uses: /e/f\n  - uses: g/h/i\n",
      ),
    );
    expect(plan.topicFolder).toBe(join(folder, "../topics"));
    expect(plan.steps.map(({ modulePath }) => modulePath)).toEqual([
      join(folder, "a.wasm"),
      join(folder, "b"),
      join(folder, "../c/d.WASM"),
      "/e/f",
      join(folder, "g/h/i"),
    ]);
  });

  test("says where the config names each module", async () => {
    const { plan, folder } = await planOf(inbound("transforms:\n  - with: { a: b }\n    uses: a.wasm\n"));
    expect(plan.steps.map(({ where }) => formatWhere(where))).toEqual([`${join(folder, "pipe.yaml")}:9:11`]);
  });

  const stages = "shape:\n  - uses: s1.wasm\n  - uses: s2.wasm\nfilter:\n  uses: f.wasm\n";

  test("runs filters first on the way in", async () => {
    const { plan } = await planOf(inbound(stages));
    expect(stepsOf(plan)).toEqual(["filter f.wasm fail", "shape s1.wasm fail", "shape s2.wasm fail"]);
  });

  test("runs filters last on the way out", async () => {
    const { plan } = await planOf(outbound(stages));
    expect(stepsOf(plan)).toEqual(["shape s1.wasm fail", "shape s2.wasm fail", "filter f.wasm fail"]);
  });

  test.each([
    ["in", inbound],
    ["out", outbound],
  ])("runs transforms as written on the way %s", async (_way, config) => {
    const { plan } = await planOf(config("transforms:\n  - uses: b.wasm\n  - uses: a.wasm\n"));
    expect(stepsOf(plan)).toEqual(["transform b.wasm fail", "transform a.wasm fail"]);
  });

  test("takes the policy of a step, of `millrace:` for steps that say nothing, and `fail` at last", async () => {
    const steps =
      "filter:\n  - uses: a.wasm\n  - { uses: b.wasm, onError: fail }\n  - { uses: c.wasm, onError: skip }\n";
    expect(stepsOf((await planOf(inbound(steps))).plan)).toEqual([
      "filter a.wasm fail",
      "filter b.wasm fail",
      "filter c.wasm skip",
    ]);
    const { plan } = await planOf(inbound(`${steps}millrace: { onError: skip }\n`));
    expect(plan.onError).toBe("skip");
    expect(stepsOf(plan)).toEqual(["filter a.wasm skip", "filter b.wasm fail", "filter c.wasm skip"]);
    const { plan: transforms } = await planOf(inbound("transforms: [{ uses: a.wasm, onError: skip }]\n"));
    expect(stepsOf(transforms)).toEqual(["transform a.wasm skip"]);
  });

  const retryDefaults = {
    attempts: limits.refusedAttempts.default,
    backoffMs: limits.retryFirstDelayMsMax.default,
    backoffMsMax: limits.retryDelayMsMax.default,
    lastResort: "fail",
  };

  test("takes the policies of the ends, and of `millrace:` where they say nothing", async () => {
    const policies = async (millrace: string): Promise<unknown[]> => {
      const { plan } = await planOf(outbound(`filter: [{ uses: a.wasm }]\nmillrace: ${millrace}\n`));
      return [plan.onSourceError, plan.steps[0]?.onError, plan.onSinkError];
    };
    expect(await policies("{ onError: skip }")).toEqual(["skip", "skip", "skip"]);
    expect(
      await policies("{ onError: skip, source: { onError: fail }, sink: { onError: dead-letter } }"),
    ).toEqual(["fail", "skip", "dead-letter"]);
    // Only the sink can be asked again; elsewhere a retry ends at once.
    expect(await policies("{ onError: retry }")).toEqual(["fail", "fail", retryDefaults]);
    expect(await policies("{ onError: { retry: { then: dead-letter } } }")).toEqual([
      "dead-letter",
      "dead-letter",
      { ...retryDefaults, lastResort: "dead-letter" },
    ]);
    const long = "{ retry: { attempts: 2, backoff: 100ms, backoff-max: 30s, then: skip } }";
    expect(await policies(`{ sink: { onError: ${long} } }`)).toEqual([
      "fail",
      "fail",
      { attempts: 2, backoffMs: 100, backoffMsMax: 30_000, lastResort: "skip" },
    ]);
  });

  test("has a topic for dead letters where a policy makes some", async () => {
    const topic = async (rest: string): Promise<string | undefined> =>
      (await planOf(inbound(rest))).plan.deadLetterTopic;
    expect(await topic("")).toBeUndefined();
    expect(await topic("millrace: { onError: dead-letter }\n")).toBe("quakes-dead-letters");
    expect(await topic("filter: { uses: a.wasm, onError: dead-letter }\n")).toBe("quakes-dead-letters");
    expect(
      await topic("millrace: { onError: { retry: { then: dead-letter } }, dead-letter-topic: bad }\n"),
    ).toBe("bad");
    expect(await topic("millrace: { source: { onError: dead-letter } }\n")).toBe("quakes-dead-letters");
  });

  test("has a window of errors where one is set, up to the largest", async () => {
    const records = limits.errorWindowRecordsMax.default;
    const { plan } = await planOf(
      inbound(`millrace: { error-window: { records: ${records}, failures: 0 } }\n`),
    );
    expect(plan.errorWindow).toEqual({ records, failures: 0 });
  });

  test.each([
    ["beginning", { from: "beginning", skip: 0 }],
    ["end", { from: "end", back: 0 }],
    ["{ absolute: 42 }", { from: "offset", offset: 42 }],
    ["{ absolute: 0 }", { from: "offset", offset: 0 }],
    ["{ from-beginning: 7 }", { from: "beginning", skip: 7 }],
    ["{ from-end: 9 }", { from: "end", back: 9 }],
    ["{ from-end: 0 }", { from: "end", back: 0 }],
  ])("begins at %s", async (text, start) => {
    const { plan } = await planOf(outbound("", `  consumer: { id: reader, offset: { start: ${text} } }\n`));
    expect(plan.start).toEqual(start);
    expect(plan.consumer).toBe("reader");
  });

  test.each([
    ["4096", 4096],
    ["64 KiB", 65_536],
    ["1", 1],
    ["64 MiB", limits.frameBytesMax.default],
  ])("has batches of %s", async (text, bytes) => {
    expect((await planOf(inbound(`millrace: { batch-bytes: ${text} }\n`))).plan.batchBytes).toBe(bytes);
  });

  test("takes the topic from the mapping of 0.2.0", async () => {
    const { plan } = await planOf(
      "apiVersion: 0.2.0\nmeta:\n  name: a\n  type: file-sink\n  topic:\n    meta:\n      name: quakes\nfile: { path: a }\n",
    );
    expect(plan.topic).toBe("quakes");
  });
});
