import { readdir, rename } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { writeFailure } from "./errors.ts";

/** Digits of the number in a name, so that names are in the order of their numbers for long. */
const digits = 6;

/**
 * Moves a file that is full to a name with the next number: `out.ndjson` to `out-000001.ndjson`.
 * @returns its new path
 * @throws MillraceError `file.unwritable`
 */
export async function moveAside(path: string): Promise<string> {
  try {
    const to = nextPath(path, await readdir(dirname(path)));
    await rename(path, to);
    return to;
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/** The first path with a number above all that there are. */
export function nextPath(path: string, names: readonly string[]): string {
  const name = basename(path);
  const end = endingOf(name);
  const start = `${name.slice(0, name.length - end.length)}-`;
  const numbers = names
    .filter((each) => each.startsWith(start) && each.endsWith(end))
    .map((each) => each.slice(start.length, each.length - end.length))
    .filter((number) => /^\d+$/.test(number))
    .map(Number);
  const next = String(Math.max(0, ...numbers) + 1).padStart(digits, "0");
  return join(dirname(path), `${start}${next}${end}`);
}

/** `.ndjson`, or `.ndjson.gz` with that of the packed file. */
function endingOf(name: string): string {
  const last = extname(name);
  return last === ".gz" ? extname(name.slice(0, -last.length)) + last : last;
}
