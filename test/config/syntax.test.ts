import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPlan } from "../../src/config/index.ts";
import { formatWhere, MillraceError } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";
import { inbound, readConfig } from "./read-config.ts";

/** The one error of a config, its hint included. */
async function errorOf(config: string | Uint8Array): Promise<readonly [string, string, string | undefined]> {
  const { errors, problems } = await readConfig(config);
  expect(errors).toHaveLength(1);
  return [errors[0]?.code ?? "", problems[0] ?? "", errors[0]?.hint];
}

describe("a file that is not well-formed", () => {
  test("is shown at the place, with a mark below it", async () => {
    const [code, problem, hint] = await errorOf("meta:\n  name: a: b\n");
    expect(code).toBe("config.syntax");
    expect(problem).toBe(
      "2:9 not well-formed YAML: Nested mappings are not allowed in compact mappings\n2 |   name: a: b\n            ^",
    );
    expect(hint).toBe('a text that holds ": " needs quotes around it');
  });

  test("is shown without what would harm a terminal, and only in part", async () => {
    const [, problem] = await errorOf(`${"x".repeat(200)}: \u0007 "\u001b[31m"\t: b: ${"c".repeat(500)}\r\n`);
    const [, excerpt = "", mark = ""] = problem.split("\n");
    expect(excerpt).toMatch(/^1 \| x+: {3}" \[31m" : b: c+$/);
    expect(excerpt.length).toBeLessThan(90);
    expect(mark).toMatch(/^ +\^$/);
    expect(mark.length).toBeLessThanOrEqual(excerpt.length);
  });

  test.each([
    ["a tab as indent", "meta:\n\tname: a\n", "2:1", /Tabs are not allowed as indentation/],
    ["an open quote", 'meta:\n  name: "a\n', "2:11", /quote/],
    ["an open list", "meta: [a\n", "1:9", /\]/],
    ["a reserved character", "meta:\n  name: @a\n", "2:9", /reserved character/],
    ["a list as a key", "? [a]\n: b\n", "1:3", /^1:3 a key is not a plain text/],
    ["a second document", inbound("---\nmeta: b\n"), "8:1", /a second document begins/],
    ["an alias without an anchor", "meta: *a\n", "1:7", /the alias \*a has no anchor before it/],
    [
      "an alias that comes before its anchor",
      "meta: *a\nb: &a 5\n",
      "1:7",
      /the alias \*a has no anchor before it/,
    ],
    [
      "an alias inside what it stands for",
      "meta: &a\n  b: [*a]\n",
      "2:7",
      /the alias \*a is inside what it stands for/,
    ],
  ])("with %s says so", async (_name, config, place, message) => {
    const [code, problem] = await errorOf(config);
    expect(code).toBe("config.syntax");
    expect(problem.startsWith(`${place} `), problem).toBe(true);
    expect(problem).toMatch(message);
  });

  test("because it is no UTF-8 is named", async () => {
    const [code, problem, hint] = await errorOf(Uint8Array.of(0xff, 0xfe, 0x6d, 0x00));
    expect([code, problem]).toEqual(["config.syntax", "file the file is not UTF-8 text"]);
    expect(hint).toMatch(/UTF-8/);
  });
});

describe("a config at a limit", () => {
  test("of configBytesMax is read, and refused one byte later", async () => {
    const config = inbound("");
    const most = limits.configBytesMax.default;
    expect((await readConfig(config.padEnd(most, "\n"))).problems).toEqual([]);
    expect((await readConfig(config.padEnd(most + 1, "\n"))).problems).toEqual([
      `file the file is larger than ${most} bytes`,
    ]);
  });

  test("of configValuesMax is read, and refused one value later", async () => {
    // 100 rows of an alias to a list of 999 make 100 000 values with the list of rows; the rest of the config takes some away.
    const rowsOf = (others: number): string => {
      const row = `x-row: &row [${Array(999).fill("a").join(",")}]\n`;
      const plain = `x-others: [${Array(others).fill("a").join(",")}]\n`;
      return inbound(`${row}x-rows: [${Array(98).fill("*row").join(",")}]\n${plain}`);
    };
    // The root, apiVersion, meta with 3, http with 1, x-row with 999, x-rows with 98 000, x-others.
    const base = 1 + 1 + 4 + 2 + 1000 + 1 + 98_000 + 1;
    const room = limits.configValuesMax.default - base;
    expect((await readConfig(rowsOf(room))).problems).toEqual([]);
    expect((await readConfig(rowsOf(room + 1))).problems[0]).toMatch(
      /^1:1 this holds more than 100000 values, aliases followed\n/,
    );
  });

  test("of aliases that mean billions of values is refused at once", async () => {
    const levels = Array.from({ length: 40 }, (_, index) => {
      const inner = index === 0 ? "a" : `*l${index - 1}`;
      return `x-${index}: &l${index} [${Array(10).fill(inner).join(",")}]\n`;
    });
    const [code, problem] = await errorOf(levels.join(""));
    expect(code).toBe("config.syntax");
    expect(problem).toMatch(/^5:\d+ this holds more than 100000 values/);
  });

  test("of jsonDepthMax levels is read, and refused one level deeper", async () => {
    // The mapping at the top is a level too.
    const nested = (levels: number): string =>
      inbound(`x-deep: ${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}\n`);
    const most = limits.jsonDepthMax.default;
    expect((await readConfig(nested(most))).problems).toEqual([]);
    expect((await readConfig(nested(most + 1))).problems[0]).toMatch(
      /^7:\d+ lists and mappings are nested more than 512 levels deep\n/,
    );
  });

  test.each(["[", "{a: ", "- ", "? ", "- - {a: [", "&a [*a, ", "!t ["])(
    "of nesting without an end is refused: %s",
    async (opening) => {
      const [code] = await errorOf(opening.repeat(5000));
      expect(code).toBe("config.syntax");
    },
  );
});

describe("a path that leads to no config", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "millrace-config-"));
    await writeFile(join(folder, "pipe.yaml"), "- a\n");
    await mkdir(join(folder, "configs"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function refusalOf(file: string): Promise<MillraceError> {
    const error = await readPlan(file).catch((thrown: unknown) => thrown);
    if (MillraceError.is(error)) return error;
    throw new Error("no MillraceError");
  }

  test("is told with a near miss among its neighbours", async () => {
    const error = await refusalOf(join(folder, "pipe.yml"));
    expect(error.toJSON()).toEqual({
      code: "config.not-found",
      message: "there is no such config file",
      where: join(folder, "pipe.yml"),
      hint: 'did you mean "pipe.yaml"?',
    });
  });

  test("is told without one where there is none", async () => {
    expect((await refusalOf(join(folder, "orders.yaml"))).hint).toBe("check the path");
    expect((await refusalOf(join(folder, "nowhere", "pipe.yaml"))).code).toBe("config.not-found");
    expect((await refusalOf(join(folder, "pipe.yaml", "pipe.yaml"))).code).toBe("config.not-found");
  });

  test("because it is a folder says so", async () => {
    const { code, message } = await refusalOf(join(folder, "configs"));
    expect([code, message]).toEqual(["config.not-found", "this is a folder, not a config file"]);
  });

  test("because it has a zero byte in it is refused too", async () => {
    expect((await refusalOf("a\0b")).code).toBe("config.not-found");
  });

  test("appears in messages as it was given", async () => {
    const file = relative(process.cwd(), join(folder, "pipe.yaml"));
    const { where } = await refusalOf(file);
    expect(where && formatWhere(where)).toBe(`${file}:1:1`);
  });
});
