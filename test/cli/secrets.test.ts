// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of configs
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import { main } from "../../src/cli/index.ts";
import { FakeStream } from "./support/fake-stream.ts";
import { folderWith } from "./support/millrace.ts";

const modules = join(import.meta.dirname, "../../smartmodules/assemblyscript");
const fluvio = join(import.meta.dirname, "../fixtures/fluvio");

/** Values that are hard to hide: what a URL, JSON or a terminal writes in other ways, lines, and one that looks like a word. */
const values = {
  token: "tok-9f8e7d6c5b4a",
  nasty: 'p@s"s/w\\rd é&%41 <x>',
  lines: "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhk\n-----END KEY-----",
  number: "8675309",
};

interface Told {
  readonly code: number;
  readonly text: string;
}

async function call(words: readonly string[], secret: string, isTTY = false): Promise<Told> {
  const [stdout, stderr] = [new FakeStream({ isTTY, columns: 200 }), new FakeStream({ isTTY, columns: 200 })];
  const code = await main(words, {
    stdin: Readable.from([]),
    stdout,
    stderr,
    environment: { LANG: "C.UTF-8", SECRET: secret, NO_COLOR: "1" },
    stopSignal: () => new AbortController().signal,
  });
  // The fake stream keeps bytes as they are; texts are texts.
  return { code, text: stdout.text + stderr.text };
}

/** All files below a folder, as bytes in one text. */
function stored(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1")).join();
}

function expectHidden(text: string, secret: string): void {
  const written = [
    secret,
    ...secret.split("\n"),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    encodeURI(secret),
    Buffer.from(secret).toString("latin1"),
    secret.slice(0, Math.ceil(secret.length / 2)),
  ];
  for (const each of written) expect(text).not.toContain(each);
}

/** A server that refuses what it is sent, and says what it was sent. */
async function echo(): Promise<string> {
  const server = createServer((request, response) => {
    response.statusCode = 400;
    response.end(`no: ${JSON.stringify(request.headers)} ${request.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const head = (type: string): string =>
  `apiVersion: 0.1.0\nmeta: { name: pipe, type: ${type}, topic: letters, version: 0.1.0 }\n`;
const generate = `${head("generate-source")}generate: { count: 3 }\n`;

/** Configs that fail in as many ways, and what of the failure shows that the right one happened. */
const failing: readonly (readonly [name: string, config: string, shows: RegExp])[] = [
  [
    "a setting that is wrong",
    `${head("http-source")}http:\n  endpoint: "\${{ secrets.SECRET }}"\n`,
    /http\.endpoint/,
  ],
  [
    "an unknown word",
    `${head("http-source")}http:\n  endpoint: http://a/\n  output_type: "\${{ secrets.SECRET }}"\n`,
    /output_type/,
  ],
  ["an unknown policy", `${generate}millrace: { onError: "\${{ secrets.SECRET }}" }\n`, /millrace\.onError/],
  [
    "a file that is not there",
    `${head("file-source")}file: { path: "no-such-\${{ secrets.SECRET }}" }\n`,
    /no-such-\*\*\*/,
  ],
  [
    "a folder that cannot be made",
    `${generate}millrace: { topic-folder: "pipe.yaml/\${{ secrets.SECRET }}" }\n`,
    /pipe\.yaml\/\*\*\*/,
  ],
  [
    "a module that refuses its parameters",
    `${generate}transforms:\n  - uses: ${modules}/json-filter/json-filter.wasm\n    with: { field: level, value: x, operator: "\${{ secrets.SECRET }}" }\n`,
    /operator/,
  ],
  [
    "a module of Fluvio's that refuses its parameters",
    `${generate}transforms:\n  - uses: ${fluvio}/regex-filter.wasm\n    with: { regex: "(\${{ secrets.SECRET }}" }\n`,
    /\(\*\*\*/,
  ],
];

describe.each(Object.entries(values))("a secret (%s) is told nowhere", (_kind, secret) => {
  test.each(failing)("by %s", async (_name, config, shows) => {
    const folder = await folderWith({ "pipe.yaml": config });
    const file = join(folder, "pipe.yaml");
    const topics = ["--topics", join(folder, "topics")];
    const calls = [
      ["validate", file, ...topics],
      ["validate", file, ...topics, "--json"],
      ["run", file, "--once", ...topics],
      ["run", file, "--once", ...topics, "--json"],
      ["dlq", "replay", "letters", "--config", file, ...topics],
    ];
    let all = "";
    for (const words of calls) {
      const { text } = await call(words, secret);
      expectHidden(text, secret);
      if (words.includes("--json"))
        JSON.parse(text.split("\n").findLast((line) => line.startsWith("{")) ?? "");
      all += text;
    }
    const onTerminal = await call(["run", file, "--once", ...topics], secret, true);
    expectHidden(onTerminal.text, secret);
    expect(onTerminal.code).not.toBe(0);
    expect(all).toMatch(shows);
  });

  test("by dead letters of modules and sinks", async () => {
    const inbound =
      `${generate}transforms:\n  - uses: ${modules}/sum-by/sum-by.wasm\n    with: { number: "\${{ secrets.KEY }}" }\n` +
      "millrace: { onError: dead-letter, isolation: inline }\n";
    const folder = await folderWith({
      "in.yaml": inbound,
      "capture.yaml": inbound.replace("name: pipe", "name: captured"),
      "fill.yaml": generate.replace("name: pipe", "name: fill"),
      "out.yaml":
        `${head("http-sink").replace("name: pipe", "name: out")}http:\n  endpoint: ${await echo()}/\${{ secrets.KEY }}\n  headers: ["X-Key: \${{ secrets.KEY }}"]\n` +
        "millrace: { onError: dead-letter }\n",
    });
    // What can be sent as a header and in a path.
    const sent = secret.replaceAll(/[^\w-]/g, "").padEnd(8, "x");
    await folderWithSecrets(folder, sent);
    const topics = ["--topics", join(folder, "topics")];
    let all = "";
    for (const words of [
      ["run", join(folder, "in.yaml"), "--once", "--secrets", join(folder, "secrets")],
      ["run", join(folder, "fill.yaml"), "--once"],
      ["run", join(folder, "out.yaml"), "--once", "--secrets", join(folder, "secrets")],
      [
        "capture",
        join(folder, "capture.yaml"),
        "--once",
        "-o",
        join(folder, "topics/in.mrcap"),
        "--secrets",
        join(folder, "secrets"),
      ],
      ["dlq", "list"],
      ["dlq", "show", "pipe-dead-letters"],
      ["dlq", "show", "out-dead-letters", "--json"],
    ]) {
      const { text, code } = await call([...words, ...topics], secret);
      expect({ code, words, text }).toEqual({ code: 0, words, text });
      all += text;
    }
    expect(all).toMatch(/module\.record/);
    expect(all).toMatch(/http\.status/);
    expect(all).toMatch(/captured 3 records/);
    for (const text of [all, stored(join(folder, "topics"))]) {
      expectHidden(text, secret);
      expect(text).not.toContain(sent);
    }
  });
});

async function folderWithSecrets(folder: string, sent: string): Promise<void> {
  const { writeFile } = await import("node:fs/promises");
  await writeFile(join(folder, "secrets"), `KEY = ${sent}\n`);
}

test("a secret of a URL is told by no part of it when nobody answers", async () => {
  const config = `${head("http-source")}http:\n  endpoint: "\${{ secrets.SECRET }}"\n`;
  const folder = await folderWith({ "pipe.yaml": config });
  const words = ["run", join(folder, "pipe.yaml"), "--once", "--topics", join(folder, "topics")];
  const { code, text } = await call(
    words,
    "http://some-user:pass-word@127.0.0.1:1/hooks/0123456789abcdef?key=abcdefgh",
  );
  expect(code).toBe(3);
  expect(text).toMatch(/cannot|refused|reached/);
  expect(text).not.toMatch(/some-user|pass-word|0123456789abcdef|abcdefgh/);
});

test("flags name secrets too, and a printed config keeps the name", async () => {
  const folder = await folderWith({ secrets: "KEY=some-value\n" });
  const words = [
    "run",
    "http-source",
    "--topic",
    "t",
    "--endpoint",
    "http://127.0.0.1/${{ secrets.KEY }}",
    "--print-config",
  ];
  const { code, text } = await call([...words, "--secrets", join(folder, "secrets")], "unused");
  expect(code).toBe(0);
  expect(text).toContain("${{ secrets.KEY }}");
  expect(text).not.toContain("some-value");
  const missing = await call(words, "unused");
  expect(missing.code).toBe(2);
  expect(missing.text).toMatch(/there is no secret KEY\n {2}at --endpoint\n/);
});

test("an error that nobody catches is told without the secrets of the configs that were read", async () => {
  const folder = await folderWith({
    "pipe.yaml": "meta: { name: a, type: file-source, topic: b }\nfile: { path: '${{ secrets.SECRET }}' }\n",
  });
  let redact = (_error: unknown): void => {};
  const code = await main(["validate", join(folder, "pipe.yaml")], {
    stdin: Readable.from([]),
    stdout: new FakeStream(),
    stderr: new FakeStream(),
    environment: { SECRET: values.token },
    stopSignal: () => new AbortController().signal,
    onCrash(given) {
      redact = given;
    },
  });
  const error = new Error(`cannot open ${values.token}`);
  redact(error);
  expect(code).toBe(0);
  expectHidden(error.message + error.stack, values.token);
  expect(error.message).toContain("cannot open ");
});
