import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { namedTests, problemOf } from "./held-by.ts";

const project = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(project, path), "utf8");

/** The rows of the tables whose last column is headed "held by". */
function promises(text: string): readonly string[] {
  const rows: string[] = [];
  let isPromised = false;
  for (const line of text.split("\n")) {
    if (!line.startsWith("|")) isPromised = false;
    else if (/\| held by\s*\|$/.test(line)) isPromised = true;
    else if (isPromised && !/^\|[\s|-]+$/.test(line)) rows.push(line);
  }
  return rows;
}

describe.each(["README.md", "docs/guarantees.md", "docs/security.md"])("what %s promises", (path) => {
  const text = read(path);

  test("is held by tests that are there", () => {
    const named = namedTests(text);
    expect(named.length).toBeGreaterThan(5);
    expect(named.flatMap((each) => problemOf(each, project) ?? [])).toEqual([]);
  });

  test("is held by a test in each line", () => {
    const rows = promises(text);
    expect(rows.length).toBeGreaterThan(5);
    // Connectors of users are held by the suite that they run themselves.
    const unheld = rows.filter((row) => namedTests(row).length === 0 && !row.includes("the published suite"));
    expect(unheld).toEqual([]);
  });
});

test("a file, a folder or a title that is not there is told", () => {
  const named = namedTests(
    "`test/house` `test/none.test.ts` `test/fixtures` `test/zoo/animals.ts` and " +
      "`test/documents/held-by.test.ts › a title of none` `test/documents/held-by.test.ts › a file, a folder`",
  );
  expect(named.map((each) => problemOf(each, project))).toEqual([
    undefined,
    "test/none.test.ts is not there",
    "test/fixtures has no tests",
    "test/zoo/animals.ts is no test",
    'test/documents/held-by.test.ts has no test "a title of none"',
    undefined,
  ]);
});
