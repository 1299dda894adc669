import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Logger } from "../../src/base/index.ts";
import { readPlan } from "../../src/config/index.ts";
import { control } from "../../src/engine/abi/packed/layout.ts";
import { Batch, word } from "../../src/record/index.ts";
import type { Exchange, RunnablePipeline } from "../../src/run/index.ts";
import { openLmdbStore } from "../../src/topic/index.ts";
import { importBuilt } from "../support/built.ts";
import { controlAt, type GuestParts, guestWat, store } from "../support/guests.ts";
import { compileWat } from "../support/wat.ts";

const { preparePipeline } = await importBuilt<typeof import("../../src/run/prepare.ts")>("run/prepare.ts");

const cell = (name: keyof typeof control): string =>
  `(i32.load (i32.const ${controlAt + control[name] * 4}))`;
const lengthOf = "(call $valueLength (local.get $i))";
/** Puts what stands in `$mark` behind each value. */
const marking = (mark: string, more: Partial<GuestParts> = {}): GuestParts => ({
  ...more,
  record: `(local $at i32)
    (local.set $at (call $take (i32.add ${lengthOf} (i32.const 1))))
    (if (i32.eqz (local.get $at)) (then (return (i32.const -1))))
    (memory.copy (local.get $at) (call $valueAt (local.get $i)) ${lengthOf})
    ${more.record ?? ""}
    (i32.store8 (i32.add (local.get $at) ${lengthOf}) ${mark})
    (call $setValue (local.get $i) (local.get $at) (i32.add ${lengthOf} (i32.const 1)))
    (i32.const 0x13)`,
});
const letter = (text: string): string => `(i32.const ${text.charCodeAt(0)})`;
/** Adds up records in one byte, and says of each the letter of how many there were. */
const counting = (init = ""): GuestParts =>
  marking("(i32.add (i32.const 65) (global.get $sum))", {
    transform: "aggregate",
    init: `${init} (if ${cell("accumulatorBytes")}
      (then (global.set $sum (i32.load8_u ${cell("accumulatorAt")})))) (i32.const 0)`,
    record: `(global.set $sum (i32.add (global.get $sum) (i32.const 1)))
      (i32.store8 (i32.const 4096) (global.get $sum))
      (i32.store (i32.const ${controlAt + control.accumulatorAt * 4}) (i32.const 4096))
      (i32.store (i32.const ${controlAt + control.accumulatorBytes * 4}) (i32.const 1))`,
    extra: "(global $sum (mut i32) (i32.const 0))",
  });

let folder: string;
let lines: string[];
let waiting: { readonly part: string; readonly resolve: () => void }[];
const hear = (text: string): void => {
  lines.push(text);
  for (const { part, resolve } of waiting) if (text.includes(part)) resolve();
};
const log: Logger = { debug() {}, info() {}, warn: hear };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-reload-"));
  lines = [];
  waiting = [];
});
const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
  await rm(folder, { recursive: true });
});

/** Resolves when the log says this, from now on. */
function said(part: string): Promise<void> {
  return new Promise((resolve) => waiting.push({ part, resolve }));
}

/** Puts a module in the place of another one as people should: whole, in one move. */
async function put(name: string, parts: GuestParts | string): Promise<void> {
  const path = join(folder, name);
  const text = typeof parts === "string" ? parts : guestWat(parts);
  await writeFile(`${path}.new`, await compileWat(text));
  await rename(`${path}.new`, path);
}

const configOf = (isolation: string, more = "", steps = "  - { uses: mark.wasm }"): string =>
  [
    "meta: { name: in, type: generate-source, topic: records }",
    'generate: { template: "{{index}}:", rate: 4000 }',
    "transforms:",
    steps,
    `millrace: { isolation: ${isolation}, onError: skip${more} }`,
    "",
  ].join("\n");

interface Running {
  readonly pipeline: RunnablePipeline;
  readonly exchanges: readonly Exchange[];
  /** Ends the run, and gives the values of its topic. */
  stop(): Promise<string[]>;
}

async function start(config: string, watch = false): Promise<Running> {
  const file = join(folder, "in.yaml");
  await writeFile(file, config);
  const { plan } = await readPlan(file);
  const stopping = new AbortController();
  const topicFolder = join(folder, "topics");
  const exchanges: Exchange[] = [];
  const pipeline = await preparePipeline(plan, {
    once: false,
    topicFolder,
    log,
    onSkip() {},
    readAgain: async () => (await readPlan(file)).plan,
    watch,
    onExchange(exchange) {
      exchanges.push(exchange);
      hear("exchanged");
    },
  });
  const run = pipeline.run(stopping.signal);
  let isStopped = false;
  const stop = async (): Promise<void> => {
    isStopped = true;
    stopping.abort();
    await run;
  };
  running.push(async () => {
    if (!isStopped) await stop();
  });
  await delivered(pipeline, 1);
  return {
    pipeline,
    exchanges,
    async stop() {
      await stop();
      return valuesIn(topicFolder);
    },
  };
}

/** Resolves when that many records are durable. */
async function delivered(pipeline: RunnablePipeline, count: number): Promise<void> {
  const arrived = (): void => expect(pipeline.counts.delivered).toBeGreaterThanOrEqual(count);
  await vi.waitFor(arrived, { timeout: 20_000, interval: 5 });
}

/** Resolves when some more records have arrived than there are. */
function moreDelivered({ pipeline }: Running): Promise<void> {
  return delivered(pipeline, pipeline.counts.delivered + 50);
}

async function valuesIn(topicFolder: string): Promise<string[]> {
  const topics = await openLmdbStore(topicFolder);
  try {
    const topic = await topics.open("records");
    const batch = new Batch();
    const values: string[] = [];
    for (let offset = 0; ; ) {
      const frame = topic.read(offset, batch.buffer);
      if (frame === undefined) return values;
      offset = frame.baseOffset + frame.recordCount;
      for (const record of batch.start(frame)) values.push(record.text);
      batch.release();
    }
  } finally {
    await topics.close();
  }
}

describe.each(["inline", "thread"])("a pipeline that runs, isolation %s", (isolation) => {
  test("has its module exchanged twenty times, and each record is made by one of them, in their order", async () => {
    await put("mark.wasm", marking(letter("a")));
    const run = await start(configOf(isolation));
    const versions = "bcdefghijklmnopqrstu";
    for (const version of versions) {
      await moreDelivered(run);
      await put("mark.wasm", marking(letter(version)));
      expect(await run.pipeline.reload()).toBe("exchanged");
    }
    await moreDelivered(run);
    const values = await run.stop();
    const { counts, stages, exchanges } = run.pipeline;
    expect(exchanges).toEqual(run.exchanges);
    expect(exchanges).toHaveLength(20);
    // None is lost, none is there twice, and where one module ends and the next one begins is where the pipeline says.
    const bounds = exchanges.map(({ recordsBefore }) => recordsBefore);
    expect(values).toEqual(
      values.map((_value, index) => {
        const version = bounds.filter((bound) => bound <= index).length;
        return `${index}:${"a".concat(versions)[version]}`;
      }),
    );
    expect(new Set(bounds).size).toBe(20);
    expect(counts).toMatchObject({ read: values.length, delivered: values.length, inFlight: 0 });
    expect(stages[1]).toMatchObject({ in: values.length, out: values.length });
    expect(new Set(exchanges.map(({ modules }) => modules[0]?.sha256)).size).toBe(20);
    expect(lines.filter((line) => line !== "exchanged")).toEqual([]);
  });

  test("hands on what its aggregate has added up, to a module that takes it", async () => {
    await put("mark.wasm", counting());
    const run = await start(configOf(isolation));
    await moreDelivered(run);
    await put("mark.wasm", counting("(drop (i32.const 7))"));
    expect(await run.pipeline.reload()).toBe("exchanged");
    await moreDelivered(run);
    await put("mark.wasm", counting(`${store("errorAt", 2048)} (return (i32.const 1))`));
    expect(await run.pipeline.reload()).toBe("refused");
    await moreDelivered(run);
    const values = await run.stop();
    expect(values).toEqual(
      values.map(
        (_value, index) => `${index}:${new TextDecoder().decode(new Uint8Array([(66 + index) % 256]))}`,
      ),
    );
  });
});

describe("what cannot be taken over", () => {
  const spins = "(loop $again (br $again)) (i32.const 0)";

  const badModules: readonly (readonly [what: string, parts: GuestParts | string, message: string])[] = [
    ["is no module of ours", "(module)", "speaks no ABI"],
    ["traps at init", { init: "(unreachable)" }, "mark.wasm trapped: unreachable"],
    ["does not end at init", { init: spins }, "took longer than 400 ms to get ready"],
    ["refuses its parameters", { init: "(i32.const 1)" }, "refused its parameters"],
    [
      "refuses earlier records",
      { extra: '(func (export "millrace_look_back") (result i32) (i32.const 1))' },
      "refused what it was shown",
    ],
  ];

  test("is a bad module: it is refused with the reason, and the old one goes on until there is a good one", async () => {
    await put("mark.wasm", marking(letter("a")));
    const step = "  - { uses: mark.wasm, lookback: { last: 3 }, limits: { fuel: off, deadline: 400ms } }";
    const run = await start(configOf("thread", "", step));
    for (const [what, parts, message] of badModules) {
      await put("mark.wasm", parts);
      expect([what, await run.pipeline.reload()]).toEqual([what, "refused"]);
      expect(lines.at(-1)).toContain(message);
      expect(lines.at(-1)).toMatch(
        /(in\.yaml:4:13|mark\.wasm#millrace_look_back): .*; nothing was exchanged, and the pipeline goes on as it was$/,
      );
      await moreDelivered(run);
    }
    await put("mark.wasm", marking(letter("b")));
    expect(await run.pipeline.reload()).toBe("exchanged");
    await moreDelivered(run);
    const values = await run.stop();
    const bound = run.exchanges[0]?.recordsBefore ?? 0;
    expect(values).toEqual(values.map((_value, index) => `${index}:${index < bound ? "a" : "b"}`));
  });

  const badConfigs: readonly (readonly [
    what: string,
    change: (config: string) => string,
    message: string,
  ])[] = [
    ["its YAML", (config) => `${config}\n  - :`, "nothing was exchanged"],
    [
      "an unknown key",
      (config) => config.replace("uses: mark", "uses: mark.wasm, user: x, uses: mark"),
      "in.yaml:",
    ],
    [
      "its topic",
      (config) => config.replace("topic: records", "topic: others"),
      "`meta.topic` cannot change while the pipeline runs",
    ],
    [
      "its source",
      (config) => config.replace("rate: 4000", "rate: 10"),
      "the section of the connector cannot change",
    ],
    [
      "its name and its policy",
      (config) => config.replace("name: in", "name: out").replace("onError: skip", "onError: fail"),
      "`meta.name` and `millrace.onError` cannot",
    ],
    [
      "its isolation",
      (config) => config.replace("isolation: inline", "isolation: thread"),
      "`millrace.isolation` cannot change",
    ],
    [
      "its dead letters",
      (config) => config.replace("mark.wasm }", "mark.wasm, onError: dead-letter }"),
      "the topic of dead letters cannot change",
    ],
    [
      "a module that is not there",
      (config) => config.replace("mark.wasm", "none.wasm"),
      "there is no module at",
    ],
    [
      "a module of the wrong kind for its stage",
      (config) => config.replace("transforms:", "filter:"),
      "which the stage `filter:` does not take",
    ],
  ];

  test("is a config of which more than steps has changed, or which is wrong", async () => {
    await put("mark.wasm", marking(letter("a")));
    const config = configOf("inline");
    const run = await start(config);
    for (const [what, change, message] of badConfigs) {
      await writeFile(join(folder, "in.yaml"), change(config));
      expect([what, await run.pipeline.reload()]).toEqual([what, "refused"]);
      expect(lines.at(-1)).toContain(message);
    }
    await moreDelivered(run);
    await writeFile(join(folder, "in.yaml"), config);
    expect(await run.pipeline.reload()).toBe("unchanged");
    expect((await run.stop()).every((value) => value.endsWith(":a"))).toBe(true);
  });
});

describe("a config that is read again", () => {
  test("exchanges steps: how many, in which order, with which parameters, limits and policies", async () => {
    await put("mark.wasm", marking(letter("a")));
    await put("other.wasm", marking(letter("b")));
    // Takes its letter from the value of its one parameter.
    const block = (at: number): string => `(i32.load offset=${at} ${cell("inputAt")})`;
    await put(
      "any.wasm",
      marking("(global.get $letter)", {
        init: `(global.set $letter (i32.load8_u (i32.add ${cell("inputAt")} ${block(16)}))) (i32.const 0)`,
        extra: "(global $letter (mut i32) (i32.const 0))",
      }),
    );
    const run = await start(configOf("inline"));
    const lists = [
      "  - { uses: mark.wasm }\n  - { uses: other.wasm }",
      "  - { uses: other.wasm }\n  - { uses: mark.wasm }\n  - { uses: any.wasm, with: { letter: x } }",
      "  - { uses: other.wasm }\n  - { uses: mark.wasm }\n  - { uses: any.wasm, with: { letter: y } }",
      "  - { uses: other.wasm, onError: fail, limits: { fuel-per-record: 100000 } }",
      "  []",
    ];
    for (const steps of lists) {
      await moreDelivered(run);
      await writeFile(join(folder, "in.yaml"), configOf("inline", "", steps));
      expect([await run.pipeline.reload(), lines]).toEqual(["exchanged", lines]);
      expect(await run.pipeline.reload()).toBe("unchanged");
    }
    await moreDelivered(run);
    const values = await run.stop();
    const marks = [...new Set(values.map((value) => value.replace(/^\d+:/, "")))];
    expect(marks).toEqual(["a", "ab", "bax", "bay", "b", ""]);
    expect(run.pipeline.stages.map(({ stage }) => stage)).toEqual(["source", "sink"]);
  });

  test("shows new modules the records that were written up to there, and says what the old ones lose", async () => {
    const init = `${store("flags", 1)} (i32.const 0)`;
    const keeping = (mark: string, more: Partial<GuestParts> = {}): GuestParts =>
      marking(mark, { init, ...more });
    await put("mark.wasm", keeping(letter("a")));
    const step = "  - { uses: mark.wasm, lookback: { last: 7 } }";
    const run = await start(configOf("inline", "", step));
    await moreDelivered(run);
    // The length of a value is told by how many earlier records there were, and by their last byte.
    const sees = keeping("(global.get $seen)", {
      extra: `(global $seen (mut i32) (i32.const 0))
        (func (export "millrace_look_back") (result i32)
          (global.set $seen (i32.add (global.get $seen)
            (i32.load (i32.add ${cell("lookBackAt")} (i32.const ${word.recordCount * 4})))))
          (i32.const 0))`,
    });
    await put("mark.wasm", sees);
    expect(await run.pipeline.reload()).toBe("exchanged");
    expect(lines).toContainEqual(
      "mark.wasm: what it kept in its memory begins anew with the exchange, as it does when the pipeline is started again",
    );
    await moreDelivered(run);
    const values = await run.stop();
    expect(values.at(-1)).toBe(`${values.length - 1}:\x07`);
  });
});

describe("watching", () => {
  test("fileWatchMs: takes modules and configs over when their files change, also those that were refused", async () => {
    await put("mark.wasm", marking(letter("a")));
    const run = await start(configOf("inline"), true);
    let next = said("exchanged");
    await put("mark.wasm", marking(letter("b")));
    await next;
    next = said("there is no module at");
    await writeFile(join(folder, "in.yaml"), configOf("inline", "", "  - { uses: late.wasm }"));
    await next;
    next = said("exchanged");
    await put("late.wasm", marking(letter("c")));
    await next;
    await moreDelivered(run);
    const marks = new Set((await run.stop()).map((value) => value.at(-1)));
    expect([...marks]).toEqual(["a", "b", "c"]);
  });
});

test("nothing is exchanged in a pipeline that does not run, and what is under way at its end is ended", async () => {
  await put("mark.wasm", marking(letter("a")));
  const run = await start(configOf("thread"));
  await put("mark.wasm", marking(letter("b")));
  const reload = run.pipeline.reload();
  await run.stop();
  expect(["exchanged", "idle"]).toContain(await reload);
  expect(await run.pipeline.reload()).toBe("idle");
  expect(await readFile(join(folder, "mark.wasm"))).not.toHaveLength(0);
});

test("a thread that ends while the next one is made ready is replaced, and then exchanged", async () => {
  await put("mark.wasm", marking(letter("a")));
  const threads: Worker[] = [];
  const note = (thread: Worker): void => {
    // The second one is what the new module is opened in.
    if (threads.push(thread) === 2) void threads[0]?.terminate();
  };
  process.on("worker", note);
  try {
    const run = await start(configOf("thread"));
    await put("mark.wasm", marking(letter("b")));
    expect(await run.pipeline.reload()).toBe("exchanged");
    await moreDelivered(run);
    const values = await run.stop();
    const bound = run.exchanges[0]?.recordsBefore ?? 0;
    expect(values).toEqual(values.map((_value, index) => `${index}:${index < bound ? "a" : "b"}`));
    expect(lines).toContainEqual(expect.stringContaining("another one has taken its place"));
  } finally {
    process.off("worker", note);
  }
});
