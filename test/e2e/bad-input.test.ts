import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import { folderWith, millrace } from "../cli/support/millrace.ts";
import { compileWat } from "../support/wat.ts";

const jsonFilter = join(
  import.meta.dirname,
  "../../smartmodules/assemblyscript/json-filter/json-filter.wasm",
);

/** An inbound pipeline into the topic "records". */
function inbound(type: string, ...lines: readonly string[]): string {
  return ["meta:", "  name: bad-input", `  type: ${type}`, "  topic: records", ...lines, ""].join("\n");
}

function filterSection(uses: string, ...more: readonly string[]): string[] {
  return ["filter:", `  uses: ${uses}`, "  with: { field: n, operator: '>=', value: '0' }", ...more];
}

let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === "/text") response.end("this is no JSON");
    else if (request.url === "/object") response.end('{"features":{"not":"an array"}}');
    else response.writeHead(404).end("nothing here");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
});

describe("what is wrong is said once, with its place and what to do, and the exit code tells the kind", () => {
  const cases: readonly [what: string, code: number, error: string, config: (origin: string) => string][] = [
    [
      "a file that is not there",
      3,
      "file.not-found",
      () => inbound("file-source", "file:", "  path: missing.ndjson"),
    ],
    ["a module that is not there", 2, "module.not-found", () => withModule("missing.wasm")],
    ["a module that is not wasm", 2, "module.not-wasm", () => withModule("text.wasm")],
    ["a module of no known ABI", 2, "module.abi", () => withModule("empty.wasm")],
    ["a module that imports what it may not", 2, "module.import", () => withModule("importing.wasm")],
    [
      "a config with an unknown type",
      2,
      "config.unknown-type",
      () => inbound("htpp-source", "http:", "  endpoint: http://x"),
    ],
    ["a config that is not YAML", 2, "config.syntax", () => "meta: [\n"],
    ["an endpoint that cannot be reached", 3, "http.unreachable", () => httpSource("http://127.0.0.1:9/")],
    ["a status that is not 2xx", 3, "http.status", (base) => httpSource(`${base}/missing`)],
    ["a response that is not JSON", 3, "json.invalid", (base) => httpSource(`${base}/text`, "/features")],
    [
      "a pointer that leads to no array",
      2,
      "json.pointer",
      (base) => httpSource(`${base}/object`, "/features"),
    ],
    ["a pointer that leads nowhere", 2, "json.pointer", (base) => httpSource(`${base}/object`, "/featurs")],
  ];

  function withModule(uses: string): string {
    return inbound("file-source", "file:", "  path: input.ndjson", ...filterSection(uses));
  }

  function httpSource(endpoint: string, pointer?: string): string {
    const extract = pointer === undefined ? [] : ["millrace:", "  extract:", `    json-array: ${pointer}`];
    return inbound("http-source", "http:", `  endpoint: ${endpoint}`, ...extract);
  }

  test.each(cases)("%s", { timeout: 60_000 }, async (_, code, error, config) => {
    const folder = await folderWith({
      "pipeline.yaml": config(origin),
      "input.ndjson": '{"n":1}\n',
      "text.wasm": "filter",
      "empty.wasm": await compileWat("(module)"),
      "importing.wasm": await compileWat(
        `(module
          (import "env" "now" (func (result i64)))
          (func (export "millrace_packed_1") (result i32) (i32.const 0)))`,
      ),
    });
    const ended = await millrace(["run", "pipeline.yaml", "--once", "--json"], { cwd: folder });
    const outcome = JSON.parse(ended.stdout) as { error: { code: string; where?: string; hint?: string } };
    expect(outcome.error.code).toBe(error);
    expect(outcome.error.where).toBeTruthy();
    expect(outcome.error.hint).toBeTruthy();
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain("✗ ");
  });
});

describe("a record that fails", () => {
  const lines = [
    '{"n":1}',
    "{broken",
    '{"n":2}',
    "x".repeat(limits.recordBytesMax.default + 1),
    '{"n":-1}',
    '{"n":3}',
  ];

  async function run(
    onError: string,
  ): Promise<{ code: number | null; outcome: Outcome; stderr: string; values: string }> {
    const folder = await folderWith({
      "pipeline.yaml": inbound(
        "file-source",
        "file:",
        "  path: input.ndjson",
        ...filterSection(jsonFilter),
        "millrace:",
        `  onError: ${onError}`,
      ),
      "input.ndjson": `${lines.join("\n")}\n`,
    });
    const ended = await millrace(["run", "pipeline.yaml", "--once", "--json"], { cwd: folder });
    const { stdout } = await millrace(["topic", "consume", "records"], { cwd: folder });
    return {
      code: ended.code,
      outcome: JSON.parse(ended.stdout) as Outcome,
      stderr: ended.stderr,
      values: stdout,
    };
  }

  interface Outcome {
    readonly result: { readonly counts: Readonly<Record<string, number>> };
    readonly error: { readonly code: string; readonly where: string; readonly message: string } | null;
  }

  test("is left out and counted under `skip`, and the others arrive", async () => {
    const { code, outcome, stderr, values } = await run("skip");
    expect(code).toBe(0);
    expect(values).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
    expect(outcome.result.counts).toMatchObject({
      read: 6,
      delivered: 3,
      filtered: 1,
      skipped: 2,
      inFlight: 0,
    });
    expect(stderr).toMatch(/invalid JSON at byte 1.*input\.ndjson:2\b/s);
    expect(stderr).toMatch(/input\.ndjson:4\b/);
  });

  test("ends the pipeline under `fail`, with its place; nothing of its batch arrives", async () => {
    const { code, outcome, values } = await run("fail");
    expect(code).toBe(1);
    expect(values).toBe("");
    expect(outcome.error).toMatchObject({
      code: "module.record",
      where: expect.stringMatching(/input\.ndjson:2$/),
    });
    expect(outcome.result.counts).toMatchObject({ delivered: 0 });
  });
});
