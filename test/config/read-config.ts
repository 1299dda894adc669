import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Plan, readPlan } from "../../src/config/index.ts";
import { formatWhere, MillraceError, type Where } from "../../src/errors.ts";

/** What came of reading a config; each place is written without the folder, as in `3:5 meta.topic: missing`. */
export interface Outcome {
  readonly plan: Plan | undefined;
  readonly folder: string;
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
  readonly errors: readonly MillraceError[];
}

/** Writes a config into a folder of its own and reads it. Throws whatever is not a MillraceError. */
export async function readConfig(content: string | Uint8Array): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-config-"));
  try {
    return await readConfigIn(folder, content);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export async function readConfigIn(folder: string, content: string | Uint8Array): Promise<Outcome> {
  const file = join(folder, "pipe.yaml");
  const told = (where: Where | undefined, message: string): string =>
    `${where === undefined ? "nowhere" : formatWhere(where).replace(`${file}:`, "").replace(file, "file")} ${message}`;
  try {
    await writeFile(file, content);
    const { plan, warnings } = await readPlan(file);
    const texts = warnings.map(({ where, message }) => told(where, message));
    return { plan, folder, warnings: texts, problems: [], errors: [] };
  } catch (error) {
    if (!MillraceError.is(error)) throw error;
    const errors = error.problems.length === 0 ? [error] : error.problems;
    const problems = errors.map(({ where, message }) => told(where, message));
    return { plan: undefined, folder, warnings: [], problems, errors };
  }
}

/** A config whose lines 1 to 5 are right; what a test adds begins in line 6. */
export function inbound(rest: string, section = "http: { endpoint: http://127.0.0.1/ }\n"): string {
  return `apiVersion: 0.1.0\nmeta:\n  name: quakes\n  type: http-source\n  topic: quakes\n${section}${rest}`;
}

export function outbound(rest: string, meta = ""): string {
  return `meta:\n  name: out\n  type: file-sink\n  topic: quakes\n${meta}file: { path: out.ndjson }\n${rest}`;
}
