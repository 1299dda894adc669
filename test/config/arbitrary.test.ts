import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { inbound, type Outcome, readConfigIn } from "./read-config.ts";

/** Reading throws for whatever is not a MillraceError, so what is left to check is that an outcome is whole. */
function expectWhole({ plan, problems, errors }: Outcome): void {
  expect(plan === undefined).toBe(problems.length > 0);
  for (const error of errors) {
    expect(error.code).toMatch(/^(config|connector|module|topic)\./);
    expect(error.message).not.toMatch(/\0|undefined|\[object/);
    expect(error.where).toMatchObject({ file: expect.any(String) });
  }
}

const config = inbound(
  "filter:\n  - uses: a.wasm\n    with: { a: [1, x], b: 'y' }\n    onError: skip\nmillrace:\n  extract: { json-array: /a }\n  batch-bytes: 1 MiB\n",
  "http:\n  endpoint: http://127.0.0.1/\n  headers:\n    - 'a: b'\n",
);

/** Pieces that mean something in YAML or in a config. */
const pieces = fc.constantFrom(
  ...[
    "\n",
    "\n  ",
    "\n- ",
    ": ",
    ":",
    "- ",
    "? ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "'",
    '"',
    "# ",
    "|",
    ">-\n",
    "\t",
    "\r\n",
  ],
  ...[
    "&a ",
    "*a",
    "!t ",
    "!!str ",
    "%YAML 1.1\n",
    "---\n",
    "...\n",
    "~",
    "null",
    "5",
    ".inf",
    "0x1F",
    "<<",
    "true",
    "${{",
  ],
  ...[
    "meta",
    "name",
    "type",
    "topic",
    "http-source",
    "http",
    "filter",
    "shape",
    "uses",
    "with",
    "transforms",
    "a.wasm",
  ],
  ...["millrace", "extract", "apiVersion", "0.2.0", "__proto__", "constructor"],
);

describe("whatever a file holds", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "millrace-config-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("of bytes, ends in a plan or in a MillraceError", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) =>
        expectWhole(await readConfigIn(folder, bytes)),
      ),
      { numRuns: 100 },
    );
  });

  test("control characters of the file do not get into the message", async () => {
    const { errors } = await readConfigIn(folder, Uint8Array.of(0x3e, 0, 0x1b, 0x5b));
    expect(errors[0]?.message).not.toContain("\0");
    expect(errors[0]?.message).not.toContain("\u001b");
    expect(errors[0]?.code).toBe("config.syntax");
  });

  test("of text, ends in a plan or in a MillraceError", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join("")),
    );
    await fc.assert(
      fc.asyncProperty(text, async (given) => expectWhole(await readConfigIn(folder, given))),
      { numRuns: 600 },
    );
  });

  test("of a config with one place overwritten, ends in a plan or in a MillraceError", async () => {
    const change = fc.record({ at: fc.nat(config.length), remove: fc.nat(12), insert: pieces });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const text = changes.reduce(
          (given, { at, remove, insert }) => given.slice(0, at) + insert + given.slice(at + remove),
          config,
        );
        expectWhole(await readConfigIn(folder, text));
      }),
      { numRuns: 600 },
    );
  });

  test("of well-formed YAML, ends in a plan or in a MillraceError", async () => {
    const key = fc.oneof(
      fc.constantFrom(
        ..."meta name type topic consumer offset start absolute http endpoint headers filter uses with onError millrace extract".split(
          " ",
        ),
      ),
      fc.string({ maxLength: 8 }),
    );
    const scalar = fc.oneof(
      fc.constantFrom<unknown>(
        "http-source",
        "file-sink",
        "a.wasm",
        "skip",
        "5s",
        null,
        true,
        0,
        -1,
        1.5,
        2n ** 64n,
      ),
      fc.string({ maxLength: 12 }),
      fc.double(),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 5 }, scalar, tie("list"), tie("map")),
      list: fc.array(tie("value"), { maxLength: 4 }),
      map: fc.dictionary(key, tie("value"), { maxKeys: 6 }),
    }));
    const document = fc.record(
      {
        apiVersion: value,
        meta: value,
        transforms: value,
        filter: value,
        shape: value,
        http: value,
        millrace: value,
      },
      { requiredKeys: ["meta"] },
    );
    await fc.assert(
      fc.asyncProperty(document, async (given) => expectWhole(await readConfigIn(folder, stringify(given)))),
      { numRuns: 300 },
    );
  });
});
