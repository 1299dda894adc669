import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** A test that a document names: a file or a folder, and the title of a test in it. */
export interface NamedTest {
  readonly path: string;
  readonly title: string | undefined;
}

/** The tests that a document names, as `test/some/file.test.ts` or `test/some/file.test.ts › its title`. */
export function namedTests(text: string): readonly NamedTest[] {
  return Array.from(text.matchAll(/`(test\/[^`\s]+)(?: › ([^`]+))?`/g), ([, path = "", title]) => ({
    path,
    title,
  }));
}

/** What is wrong with the naming of a test, or undefined. */
export function problemOf({ path, title }: NamedTest, project: string): string | undefined {
  const place = join(project, path);
  if (!existsSync(place)) return `${path} is not there`;
  if (statSync(place).isDirectory()) {
    const files = readdirSync(place, { recursive: true }).map(String);
    return files.some((file) => file.endsWith(".test.ts")) ? undefined : `${path} has no tests`;
  }
  if (!path.endsWith(".test.ts")) return `${path} is no test`;
  if (title === undefined) return undefined;
  // Titles are those of tests and of groups; of a table, as they are written.
  const titles = Array.from(
    readFileSync(place, "utf8").matchAll(/^\s*(?:test|describe|it|\])[^"'`]*\(\s*(["'`])((?:(?!\1).)*)\1/gm),
    ([, , found = ""]) => found,
  );
  return titles.some((found) => found.includes(title)) ? undefined : `${path} has no test "${title}"`;
}
