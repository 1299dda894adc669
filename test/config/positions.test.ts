import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inbound, readConfig } from "./read-config.ts";

async function problemsOf(config: string): Promise<readonly string[]> {
  return (await readConfig(config)).problems;
}

describe("the place of a problem", () => {
  test("is right behind comments and empty lines", async () => {
    const config =
      "# one\n\nmeta: # two\n\n  # three\n  name: 5 # four\n  type: generate-source\n  topic: b\n";
    expect(await problemsOf(config)).toEqual(["6:9 meta.name: expected a text, found the number 5"]);
  });

  test("is right in flow style", async () => {
    expect(await problemsOf("{meta: {name: 5, type: generate-source,\n  topic: [b]}}")).toEqual([
      "1:15 meta.name: expected a text, found the number 5",
      "2:3 meta.topic: expected a text, found a list",
    ]);
  });

  test("is right with CRLF, tabs between tokens and a byte order mark", async () => {
    expect(
      await problemsOf("\uFEFFmeta:\r\n  name:\t\t5\r\n  type: generate-source\r\n  topic: 6\r\n"),
    ).toEqual([
      "2:10 meta.name: expected a text, found the number 5",
      "4:10 meta.topic: expected a text, found the number 6",
    ]);
  });

  test("counts columns as editors do, in UTF-16 units", async () => {
    const config = 'meta: {name: "né😀", type: 5, topic: b}\n';
    expect(await problemsOf(config)).toEqual(["1:28 meta.type: expected a text, found the number 5"]);
  });

  test("is that of the text for what an alias holds, and of the alias itself where it does not fit", async () => {
    const config = inbound(
      "x-step: &step\n  uses: 5\nx-number: &number 7\nfilter: [*step]\nshape:\n  - uses: *number\n",
    );
    expect(await problemsOf(config)).toEqual([
      "8:9 filter[0].uses: expected the path or the name of a module, found the number 5",
      "12:11 shape[0].uses: expected the path or the name of a module, found the number 7",
    ]);
  });

  test("is right in a second document marker, a directive and a quoted key", async () => {
    const config = '%YAML 1.2\n---\n"meta":\n  "name": 5\n  ? type\n  : generate-source\n  topic: b\n...\n';
    expect(await problemsOf(config)).toEqual(["4:11 meta.name: expected a text, found the number 5"]);
  });

  test("is right in a block text", async () => {
    const config = inbound("filter:\n  uses: a.wasm\n  onError: |\n    skip\n    it\n");
    expect(await problemsOf(config)).toEqual([
      '9:12 filter.onError: expected one of "fail", "skip", "dead-letter", found the text "skip\\nit\\n"',
    ]);
  });

  test("is right whatever stands before it", async () => {
    const filler = fc.constantFrom(
      "# comment: {",
      "",
      "  ",
      "x-a: &a [1, {b: c}]",
      'x-b: "tab\\tand\n  two lines"',
      "x-c: |\n  line: 1\n\n  line 2",
      "x-d: é😀",
    );
    const newline = fc.constantFrom("\n", "\r\n");
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(filler, { maxLength: 7 }), newline, async (before, end) => {
        const text = `${[...before, "meta:", "  name: a", "  type: generate-source", "  topic: 5", ""].join("\n")}`;
        const line = text.split("\n").indexOf("  topic: 5") + 1;
        const problems = await problemsOf(text.replaceAll("\n", end));
        expect(problems).toEqual([`${line}:10 meta.topic: expected a text, found the number 5`]);
      }),
      { numRuns: 60 },
    );
  });
});
