// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of configs
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Plan, readPlan } from "../../src/config/index.ts";
import { formatWhere, MillraceError } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-secrets-"));
  return () => rm(folder, { recursive: true });
});

interface Read {
  readonly plan?: Plan;
  readonly told: readonly string[];
  readonly hints: readonly (string | undefined)[];
}

/** Reads a config whose line 5 is the first of the section. */
async function read(
  rest: string,
  secrets: Readonly<Record<string, string>> = {},
  file?: string | Uint8Array,
): Promise<Read> {
  const text = `apiVersion: 0.1.0\nmeta: { name: a, type: http-source, topic: b }\n\n\n${rest}`;
  const path = join(folder, "secrets.txt");
  if (file !== undefined) await writeFile(path, file);
  const at = (where: Parameters<typeof formatWhere>[0] | undefined): string =>
    where === undefined ? "nowhere" : formatWhere(where).replace(`${folder}/`, "");
  try {
    const { plan, warnings } = await readPlan(join(folder, "pipe.yaml"), {
      text,
      secrets: { file: file === undefined ? undefined : path, environment: secrets },
    });
    return { plan, told: warnings.map(({ where, message }) => `${at(where)} ${message}`), hints: [] };
  } catch (error) {
    if (!MillraceError.is(error)) throw error;
    const all = error.problems.length === 0 ? [error] : error.problems;
    return {
      told: all.map((each) => `${at(each.where)} ${each.code}: ${each.message}`),
      hints: all.map(({ hint }) => hint),
    };
  }
}

const http = "http:\n  endpoint: http://127.0.0.1/\n  method: POST\n";

describe("a secret", () => {
  test.each(["${{ secrets.WORD }}", "${{secrets.WORD}}", "${{  secrets . WORD  }}", "${{\tsecrets.WORD }}"])(
    "is filled in where it is written %j",
    async (template) => {
      const { plan, told } = await read(`${http}  headers: ["A: <${template}>", '${template}: b']\n`, {
        WORD: "some-word",
      });
      expect(told).toEqual([]);
      expect(plan?.settings).toMatchObject({ headers: ["A: <some-word>", "some-word: b"] });
    },
  );

  test("can stand in all texts that are no names: settings, parameters, paths", async () => {
    const { plan, told } = await read(
      "http:\n  endpoint: http://${{ secrets.A }}@127.0.0.1/\n  interval: ${{ secrets.TIME }}\n" +
        "transforms:\n  - uses: ./a.wasm\n    with:\n      plain: ${{ secrets.A }}\n      inner: { list: ['x${{ secrets.B }}'] }\n" +
        "millrace: { topic-folder: 'topics-${{ secrets.A }}' }\n",
      { A: "first", B: 'se"cond', TIME: "10s" },
    );
    expect(told).toEqual([
      "pipe.yaml:7:13 the secret TIME has less than 4 characters, too few to be hidden in messages",
    ]);
    expect(plan?.settings).toMatchObject({ endpoint: "http://first@127.0.0.1/", interval: 10_000 });
    expect(plan?.steps[0]?.parameters).toEqual(
      new Map([
        ["plain", "first"],
        ["inner", '{"list":["xse\\"cond"]}'],
      ]),
    );
    expect(plan?.topicFolder).toMatch(/topics-first$/);
  });

  test("is a text whatever it looks like, and says nothing but itself", async () => {
    const values = { NUMBER: "12345", YAML: "a: b\n- c", TEMPLATE: "${{ secrets.NUMBER }}" };
    const steps =
      "transforms:\n  - uses: ./a.wasm\n    with: { n: '${{ secrets.NUMBER }}', y: '${{ secrets.YAML }}', t: '${{ secrets.TEMPLATE }}' }\n";
    const { plan } = await read(http + steps, values);
    expect(Object.fromEntries(plan?.steps[0]?.parameters ?? [])).toEqual({
      n: "12345",
      y: "a: b\n- c",
      t: "${{ secrets.NUMBER }}",
    });
  });

  test("of the older kind is a mapping in the section of the connector", async () => {
    const steps = "transforms:\n  - uses: ./a.wasm\n    with: { a: { secret: { name: KEY } } }\n";
    const { plan } = await read(`http: { endpoint: { secret: { name: KEY } } }\n${steps}`, {
      KEY: "http://127.0.0.1/",
    });
    expect(plan?.settings).toMatchObject({ endpoint: "http://127.0.0.1/" });
    expect(plan?.steps[0]?.parameters.get("a")).toBe('{"secret":{"name":"KEY"}}');
  });

  test("without a value is a problem at its place, with a near miss", async () => {
    const { told, hints } = await read(`${http}  body: '\${{ secrets.API_TOKN }}'\n`, {
      API_TOKEN: "abcdef",
    });
    expect(told).toEqual(["pipe.yaml:8:9 config.secret: there is no secret API_TOKN"]);
    expect(hints[0]).toMatch(
      /^did you mean API_TOKEN\? give it as a line API_TOKN=… in the file named by --secrets/,
    );
    expect((await read(`${http}  body: '\${{ secrets.toString }}'\n`)).told).toHaveLength(1);
  });

  test.each<readonly [string, string]>([
    ["meta.name", "meta: { name: '${{ secrets.A }}', type: http-source, topic: b }\n"],
    ["meta.topic", "meta: { name: a, type: http-source, topic: '${{ secrets.A }}' }\n"],
    [
      "millrace.dead-letter-topic",
      "millrace: { onError: dead-letter, dead-letter-topic: '${{ secrets.A }}' }\n",
    ],
    ["transforms[0].uses", "transforms: [{ uses: './${{ secrets.A }}.wasm' }]\n"],
  ])("cannot be the name %s", async (path, config) => {
    const text = config.startsWith("meta")
      ? `${config}${http}`
      : `meta: { name: a, type: http-source, topic: b }\n${http}${config}`;
    const thrown = await readPlan("p.yaml", { text, secrets: { environment: { A: "abcdef" } } }).catch(
      (error) => error,
    );
    expect(thrown.message).toBe(`${path}: a name cannot be a secret or a template`);
  });

  test.each([
    "${% if a %}",
    "${# a #}",
    "${{ 1 + 1 }}",
    "${{ secrets['A'] }}",
    "${{ secrets.A | upper }}",
    "${{ secrets.A",
  ])("is the only template: %s is refused", async (template) => {
    const { told } = await read(`${http}  body: "${template}"\n`, { A: "abcdef" });
    expect(told).toEqual(["pipe.yaml:8:9 config.invalid: the only template that is filled in is a secret"]);
  });

  test("between braces without quotes is explained", async () => {
    const { hints } = await read("http: { endpoint: ${{ secrets.A }} }\n", { A: "abcdef" });
    expect(hints).toEqual(["between `{` and `}`, a text with `${{` in it needs quotes around it"]);
  });

  test("that is wrong where it stands is told of without its value", async () => {
    const { told } = await read(
      "http:\n  endpoint: ${{ secrets.A }}\n  output_type: ${{ secrets.B }}\n  interval: ${{ secrets.C }}\n",
      {
        A: "not-a-url-at-all",
        B: "jsno",
        C: "ten seconds long",
      },
    );
    expect(told).toHaveLength(3);
    expect(told.join()).not.toMatch(/not-a-url|jsno|ten seconds|did you mean/);
  });

  test("that is too short to be hidden is not told by what is wrong with it", async () => {
    const { told } = await read("http:\n  endpoint: http://127.0.0.1/\n  output_type: ${{ secrets.A }}\n", {
      A: "jsn",
    });
    expect(told).toEqual([
      'pipe.yaml:7:16 config.invalid: http.output_type: expected one of "text", "json", found a text with a secret in it',
    ]);
  });

  test("that nothing uses may be absent, with a warning", async () => {
    const text = `meta: { name: a, type: http-source, topic: b, secrets: [{ name: GONE }, { name: HERE }] }\n${http}`;
    const { warnings } = await readPlan("p.yaml", { text, secrets: { environment: { HERE: "abcd" } } });
    expect(warnings.map(({ message }) => message)).toEqual([
      'meta.secrets[0].name: there is no secret "GONE", and nothing uses it',
    ]);
  });

  test("in each of many places that aliases make is filled in", async () => {
    const { plan } = await read(`x-a: &a '\${{ secrets.A }}'\n${http}  body: *a\n  headers: [*a]\n`, {
      A: "a: word",
    });
    expect(plan?.settings).toMatchObject({ body: "a: word", headers: ["a: word"] });
  });
});

describe("a file of secrets", () => {
  const body = `${http}  body: '\${{ secrets.A }}'\n`;

  test.each<readonly [string, string, string]>([
    ["is split at the first =, with spaces around both left out", " A =  bb=cc  \n", "bb=cc"],
    ["may have Windows' line ends", "B=1\r\nA=value\r\n", "value"],
    ["may have comments and empty lines", "\n# A=x\nA=value", "value"],
    ["may say a name twice; the first counts", "A=first\nA=second\n", "first"],
    ["goes before the environment", "A=file\n", "file"],
    ["keeps quotes", 'A="q u o"\n', '"q u o"'],
  ])("%s", async (_name, file, expected) => {
    const { plan, told } = await read(body, { A: "environment" }, file);
    expect(told).toEqual([]);
    expect(plan?.settings).toMatchObject({ body: expected });
  });

  test("does not hide what the environment has", async () => {
    expect((await read(body, { A: "environment" }, "B=1\n")).plan?.settings).toMatchObject({
      body: "environment",
    });
  });

  test("has its unreadable lines told by their number alone", async () => {
    const { told } = await read(
      body,
      {},
      "A=value\nno equals sign\n1A=hidden-value\nexport B=hidden-value\n",
    );
    expect(told).toEqual([2, 3, 4].map((line) => `secrets.txt:${line} this line is no NAME=VALUE; ignored`));
  });

  test("that is not there, too large or no text is refused", async () => {
    const most = limits.configBytesMax.default;
    const line = "A=abcd\n";
    expect((await read(body, {}, line + "#".repeat(most - line.length))).told).toEqual([]);
    expect((await read(body, {}, "#".repeat(most + 1))).told).toEqual([
      `secrets.txt config.syntax: the file of secrets is larger than ${most} bytes`,
    ]);
    expect((await read(body, {}, new Uint8Array([0x41, 0x3d, 0xff]))).told).toEqual([
      "secrets.txt config.syntax: the file of secrets is not UTF-8 text",
    ]);
    const missing = readPlan("p.yaml", { text: body, secrets: { file: join(folder, "none") } });
    await expect(missing).rejects.toMatchObject({ code: "config.not-found" });
  });
});
