import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import { causeHeaders } from "../../src/pipeline/dead-letter.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { openLmdbStore } from "../../src/topic/index.ts";
import { generateConfig } from "../cli/support/configs.ts";
import { Call, type Ended, folderWith, millrace } from "../cli/support/millrace.ts";

const jsonFilter = join(
  import.meta.dirname,
  "../../smartmodules/assemblyscript/json-filter/json-filter.wasm",
);

function config(filter: string): string {
  return [
    "meta: { name: in, type: file-source, topic: records }",
    "file: { path: input.ndjson }",
    ...(filter === ""
      ? []
      : [`filter: { uses: ${jsonFilter}, with: { ${filter}, operator: '>=', value: '0' } }`]),
    "millrace: { onError: dead-letter }",
    "",
  ].join("\n");
}

let cwd: string;

function call(...words: string[]): Promise<Ended> {
  return millrace(words, { cwd });
}

async function resultOf(...words: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await call(...words, "--json");
  return JSON.parse(stdout).result;
}

const tooLong = "x".repeat(limits.recordBytesMax.default + 1);

/** A folder in which the pipeline has run; each test gets a copy. */
let template: string;

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), "millrace-dlq-"));
  const files = {
    "in.yaml": config("field: n"),
    "mended.yaml": config(""),
    "input.ndjson": `{"n":1}\n{broken\n{"n":2}\n${tooLong}\n{"n":-1}\nno\u001b[31m JSON\n`,
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(template, name), content);
  expect(await new Call(["run", "in.yaml", "--once"], { cwd: template }).ended).toMatchObject({ code: 0 });
});

afterAll(() => rm(template, { recursive: true, force: true }));

beforeEach(async () => {
  cwd = await folderWith();
  await cp(template, cwd, { recursive: true });
});

test("run tells of the letters and where they are", async () => {
  await call("topic", "delete", "records", "--yes");
  const { stdout, stderr } = await call("run", "in.yaml", "--once");
  expect(stdout).toMatch(/^✓ in: done in .*, 6 records read, 2 delivered, 3 dead-lettered\n/);
  expect(stdout).toContain(
    "\nread 6 = delivered 2 + filtered 1 + dead-lettered 3 + skipped 0 + in flight 0\n",
  );
  expect(stdout).toContain(
    "\ndead letters are in in-dead-letters; `millrace dlq show in-dead-letters` shows them\n",
  );
  expect(stderr).toMatch(
    /⚠ filter json-filter\.wasm failed a record, which is kept in in-dead-letters: invalid JSON.*\n {2}at .*input\.ndjson:2\n/,
  );
});

describe("dlq list", () => {
  test("is a table of causes for people", async () => {
    const { code, stdout, stderr } = await call("dlq", "list");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [header, first, second, ...others] = stdout.split("\n");
    expect(header).toMatch(/^topic +letters +to replay +count +cause$/);
    expect(first).toMatch(
      /^in-dead-letters +3 +3 +2 +in: filter json-filter\.wasm, module\.record: invalid JSON/,
    );
    expect(second).toMatch(/^ +1 +in: source file-source, record\.too-large: the line has more/);
    expect(others).toEqual([""]);
  });

  test("is data for programs, and has no other topics", async () => {
    const { topics } = await resultOf("dlq", "list");
    expect(topics).toEqual([
      {
        name: "in-dead-letters",
        first: 0,
        next: 3,
        letters: 3,
        scanned: 3,
        waiting: 3,
        causes: [
          {
            count: 2,
            pipeline: "in",
            stage: "filter",
            by: "json-filter.wasm",
            code: "module.record",
            message: expect.stringContaining("invalid JSON"),
          },
          {
            count: 1,
            pipeline: "in",
            stage: "source",
            by: "file-source",
            code: "record.too-large",
            message: expect.any(String),
          },
        ],
      },
    ]);
  });

  test("where there are none says so", async () => {
    cwd = await folderWith({ "in.yaml": generateConfig({ generate: ["count: 1"] }) });
    expect((await call("dlq", "list")).stdout).toMatch(/^no dead letters in .*\.millrace\n$/);
    await call("run", "in.yaml", "--once");
    expect((await call("dlq", "list")).stdout).toMatch(/^no dead letters in /);
  });

  test("looks at the youngest letters, up to a limit, and at the first causes", {
    timeout: 120_000,
  }, async () => {
    const count = limits.deadLettersScannedMax.default + 1;
    const store = await openLmdbStore(join(cwd, ".millrace"));
    const topic = await store.open("many", { create: true });
    for (let from = 0; from < count; from += 20_000) {
      const records = Array.from({ length: Math.min(20_000, count - from) }, (_, i) => ({
        value: "v",
        headers: causeHeaders({ ...cause, code: from + i === 0 ? "the.first" : `code.${(from + i) % 5}` }),
      }));
      await topic.append(Batch.of(frameOf(records)));
    }
    await store.close();
    const { topics } = await resultOf("dlq", "list");
    const [, many] = topics as { letters: number; scanned: number; causes: { code: string }[] }[];
    expect(many).toMatchObject({ letters: count, scanned: count - 1 });
    expect(many?.causes.map(({ code }) => code)).not.toContain("the.first");
    expect(many?.causes).toHaveLength(5);
    const lines = (await call("dlq", "list")).stdout.split("\n");
    expect(lines.find((line) => line.startsWith("many"))).toMatch(/^many +100,001 +100,000\+ +20,000 +p: /);
    expect(lines.at(-2)).toMatch(/^ +and 2 other causes$/);
    expect(lines.filter((line) => line.includes("20,000"))).toHaveLength(limits.causesShownMax.default);
  });
});

const cause = {
  pipeline: "p",
  source: "s",
  place: "in@1",
  offset: 1,
  stage: "sink",
  step: undefined,
  by: "http-sink",
  module: undefined,
  code: "record.line-feed",
  message: "two\nlines",
  attempt: 3,
  time: "2026-11-25T13:00:00.000Z",
  sample: false,
} as const;

describe("dlq show", () => {
  test("prints each record with its cause, and nothing that a terminal would obey", async () => {
    const { code, stdout } = await call("dlq", "show", "in-dead-letters");
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(lines.slice(0, 5)).toEqual([
      "#0  filter json-filter.wasm  module.record",
      expect.stringMatching(/^ {2}invalid JSON at byte 1/),
      expect.stringMatching(/^ {2}at .*input\.ndjson:2, pipeline in, 20\d\d-.*Z, attempt 1$/),
      expect.stringMatching(/^ {2}module json-filter\.wasm@[0-9a-f]{64}$/),
      "  value: {broken",
    ]);
    expect(lines.slice(5, 9)).toEqual([
      "#1  source file-source  record.too-large",
      expect.stringMatching(/^ {2}the line has more/),
      expect.stringMatching(/^ {2}at .*input\.ndjson:4, /),
      `  value (the first bytes): ${"x".repeat(limits.sampleBytesMax.default)}`,
    ]);
    expect(stdout).toContain("  value: no\\x1b[31m JSON\n");
  });

  test("prints what is asked for, and says when there is more", async () => {
    const { stdout, stderr } = await call("dlq", "show", "in-dead-letters", "--offset", "1", "--count", "1");
    expect(stdout.match(/^#\d/gm)).toEqual(["#1"]);
    expect(stderr).toBe("1 letter more: --offset 2, --count 1\n");
    expect((await call("dlq", "show", "in-dead-letters", "--offset", "9")).stdout).toBe("");
  });

  test("prints records with keys and headers of their own", async () => {
    const store = await openLmdbStore(join(cwd, ".millrace"));
    const headers = [{ name: "own", value: Buffer.from("h") }, ...causeHeaders(cause)];
    const records = [
      { value: Uint8Array.of(255), key: "k", headers },
      { value: "v", headers: causeHeaders(cause) },
    ];
    await (await store.open("more", { create: true })).append(Batch.of(frameOf(records)));
    await store.close();
    const { stdout } = await call("dlq", "show", "more", "--count", "1");
    expect(stdout.split("\n")).toEqual([
      "#0  sink http-sink  record.line-feed",
      "  two\\nlines",
      "  at in@1, pipeline p, 2026-11-25T13:00:00.000Z, attempt 3",
      "  key: k",
      "  header own: h",
      "  value (base64): /w==",
      "",
    ]);
  });

  test("prints lines of JSON", async () => {
    const { stdout } = await call("dlq", "show", "in-dead-letters", "--json");
    const letters = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(letters[0]).toEqual({
      offset: 0,
      timestamp: expect.any(Number),
      key: null,
      value: "{broken",
      headers: [],
      cause: {
        pipeline: "in",
        source: "file-source",
        place: expect.stringMatching(/input\.ndjson:2$/),
        offset: 1,
        stage: "filter",
        step: "1-json-filter.wasm",
        by: "json-filter.wasm",
        module: expect.stringMatching(/^json-filter\.wasm@[0-9a-f]{64}$/),
        code: "module.record",
        message: expect.stringContaining("invalid JSON"),
        attempt: 1,
        time: expect.any(String),
        sample: false,
      },
    });
    expect(letters.map(({ cause: { sample } }) => sample)).toEqual([false, true, false]);
  });

  test.each([["show"], ["drop", "--to", "1"], ["replay", "--config", "in.yaml"]])(
    "a topic of other records is refused (%s)",
    async (command, ...rest) => {
      const { code, stderr } = await call("dlq", command, "records", ...rest);
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^✗ the topic "records" is not one of dead letters\n {2}at records\n {2}→ those are in-dead-letters/,
      );
    },
  );
});

describe("dlq replay", () => {
  const replay = ["dlq", "replay", "in-dead-letters", "--config"];

  test("brings what can be mended to the destination, once, and says what is left", async () => {
    const { code, stdout } = await call(...replay, "mended.yaml");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✓ in: done in .*, 2 records read, 2 delivered\n/);
    expect(stdout).toMatch(/\nsource +dead letters in-dead-letters +2 +2 /);
    expect(stdout).toMatch(
      /\n2 letters of in replayed from in-dead-letters; 1 passed over, of which only the first bytes are kept; the next replay begins at offset 3\n$/,
    );
    const { replay: again, counts } = await resultOf(...replay, "mended.yaml");
    expect(counts).toMatchObject({ read: 0 });
    expect(again).toEqual({
      topic: "in-dead-letters",
      pipeline: "in",
      replayed: 0,
      samples: 0,
      others: 0,
      next: 3,
    });
    const { stdout: records } = await call("topic", "consume", "records");
    expect(records).toBe('{"n":1}\n{"n":2}\n{broken\nno\u001b[31m JSON\n');
    expect((await resultOf("dlq", "list")).topics).toMatchObject([{ letters: 3, waiting: 0 }]);
  });

  test("makes new letters of what fails again, and the source goes on where it was", async () => {
    expect((await resultOf(...replay, "in.yaml")).counts).toMatchObject({ read: 2, deadLettered: 2 });
    const { stdout } = await call("dlq", "show", "in-dead-letters", "--offset", "3", "--json");
    expect(stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line).cause]))).toMatchObject(
      [
        { place: "in-dead-letters@0", source: "dead letters in-dead-letters", attempt: 2 },
        { place: "in-dead-letters@2", attempt: 2 },
      ],
    );
    expect((await resultOf("run", "in.yaml", "--once")).counts).toMatchObject({ read: 0 });
  });

  test("keeps to a range, and tells when letters come again or are passed over", async () => {
    const first = await call(...replay, "mended.yaml", "--to", "1", "--json");
    expect(JSON.parse(first.stdout).result).toMatchObject({ counts: { read: 1 }, replay: { next: 1 } });
    const again = await call(...replay, "mended.yaml", "--from", "0", "--to", "1");
    expect(again.stderr).toMatch(/^⚠ letters from offset 0 to 0 may have been replayed before/);
    const last = await call(...replay, "mended.yaml", "--from", "2", "--json");
    expect(last.stderr).toMatch(/^⚠ letters from offset 1 to 1 are passed over, also by later replays/);
    expect(JSON.parse(last.stdout).result).toMatchObject({ counts: { read: 1 }, replay: { next: 3 } });
    expect((await call("topic", "consume", "records")).stdout).toBe(
      '{"n":1}\n{"n":2}\n{broken\n{broken\nno\u001b[31m JSON\n',
    );
  });

  test("of another pipeline's letters brings none unless it is named", async () => {
    const other = await resultOf(...replay, "mended.yaml", "--pipeline", "nobody");
    expect(other).toMatchObject({
      counts: { read: 0 },
      replay: { pipeline: "nobody", others: 2, samples: 1 },
    });
    expect(await resultOf(...replay, "mended.yaml", "--pipeline", "in")).toMatchObject({
      counts: { read: 2 },
    });
  });

  test("needs a config", async () => {
    const { code, stderr } = await call("dlq", "replay", "in-dead-letters");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^✗ required option '--config <config>' not specified/);
  });
});

describe("dlq drop", () => {
  test("drops letters that were stored together, and says what stays", async () => {
    // Two letters of one batch, behind the three that are there.
    const store = await openLmdbStore(join(cwd, ".millrace"));
    const topic = await store.open("in-dead-letters");
    const record = { value: "v", headers: causeHeaders(cause) };
    await topic.append(Batch.of(frameOf([record, record])));
    await store.close();
    const dropped = await call("dlq", "drop", "in-dead-letters", "--to", "4", "--yes");
    expect(dropped).toMatchObject({
      code: 0,
      stdout: "✓ dropped 3 letters of in-dead-letters; 1 before offset 4 stays with others\n",
    });
    expect((await resultOf("dlq", "list")).topics).toMatchObject([{ first: 3, next: 5, waiting: 2 }]);
    expect(await resultOf("dlq", "drop", "in-dead-letters", "--to", "end", "--yes")).toMatchObject({
      isDropped: true,
      dropped: 2,
      first: 5,
      next: 5,
    });
    expect((await resultOf("dlq", "list")).topics).toMatchObject([{ name: "in-dead-letters", letters: 0 }]);
    expect((await call("dlq", "show", "in-dead-letters")).stderr).toBe(
      "there are no letters in in-dead-letters\n",
    );
  });

  test("wants --yes where nobody can be asked, and tells what would go", async () => {
    const { code, stderr } = await call("dlq", "drop", "in-dead-letters", "--to", "end");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^✗ 3 letters of "in-dead-letters" would go, 3 of them not replayed\n.*\n {2}→ .*--yes/,
    );
    expect((await resultOf("dlq", "list")).topics).toMatchObject([{ letters: 3 }]);
  });

  test("refuses what is no offset", async () => {
    const { code, stderr } = await call("dlq", "drop", "in-dead-letters", "--to", "all");
    expect(code).toBe(2);
    expect(stderr).toContain('--to cannot be "all"');
  });
});

test("completion knows the topics of dead letters", async () => {
  expect((await call("__complete", "--", "dlq", "show", "")).stdout).toBe("in-dead-letters\t3 records\n");
  expect((await call("__complete", "--", "dlq", "re")).stdout).toMatch(/^replay\t/);
});
