import { MillraceError } from "../errors.ts";
import type { DeclaredParameter } from "./package-file.ts";
import { formatName, type ModuleName, parseName } from "./reference.ts";

/*
 * A store is a folder with two files for each module:
 *
 *   infinyon~jolt@0.4.1.json                      what is known of it, and which file has its bytes
 *   infinyon~jolt@0.4.1.3f9a6c0e51d2b874.wasm     its bytes; each time they are stored under a new name
 *
 * The first file is put in place last, in one step, and so decides which modules there are. Names of files are in lower
 * case, so that a store means the same where the case of names does not count.
 */

/** A module in a store. */
export interface StoredEntry {
  readonly name: ModuleName;
  /** Name of the file with its bytes, in the folder of the store. */
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly kind: string;
  readonly abi: string;
  readonly description: string | null;
  readonly license: string | null;
  /** Null where it came without a description. */
  readonly parameters: readonly DeclaredParameter[] | null;
  /** As in 2026-11-25T13:00:00.000Z. */
  readonly created: string;
}

const format = 1;
const entryPattern = /^(?:[a-z0-9_][a-z0-9._-]*~)?[a-z0-9_][a-z0-9._-]*(?:@[a-z0-9.+-]+)?\.json$/;
const bytesPattern = /^[a-z0-9._~@+-]+\.[0-9a-f]{16}\.wasm$/;

/** What the files of a module are called, without what follows the last point. */
export function keyOf(name: ModuleName): string {
  return formatName(name).replace("/", "~").toLowerCase();
}

export function isEntryFile(file: string): boolean {
  return entryPattern.test(file);
}

export function isBytesFile(file: string): boolean {
  return bytesPattern.test(file);
}

export function encodeEntry({ name, ...rest }: StoredEntry): string {
  return `${JSON.stringify({ format, name: formatName(name), ...rest }, null, 2)}\n`;
}

/** @throws MillraceError `module.store` for what no store has written */
export function decodeEntry(text: string, path: string): StoredEntry {
  try {
    const given = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const entry: StoredEntry = {
      name: parseName(textAt(given, "name")),
      file: textAt(given, "file"),
      sha256: textAt(given, "sha256"),
      bytes: Number(given.bytes),
      kind: textAt(given, "kind"),
      abi: textAt(given, "abi"),
      description: textOrNull(given.description),
      license: textOrNull(given.license),
      parameters: Array.isArray(given.parameters) ? given.parameters.map(parameterOf) : null,
      created: textAt(given, "created"),
    };
    const isOfThisStore = given.format === format && isBytesFile(entry.file);
    if (isOfThisStore && /^[0-9a-f]{64}$/.test(entry.sha256) && Number.isSafeInteger(entry.bytes))
      return entry;
  } catch (error) {
    if (!MillraceError.is(error) && !(error instanceof SyntaxError) && !(error instanceof TypeError))
      throw error;
  }
  throw damaged(path);
}

/** @param path of the file that is not as it was written */
export function damaged(path: string, cause?: unknown): MillraceError {
  return new MillraceError("module.store", "what the store of modules has kept of a module is damaged", {
    where: { file: path },
    hint: "`millrace module delete` takes it away; then create it again",
    cause,
  });
}

function parameterOf(given: unknown): DeclaredParameter {
  const known = given as Readonly<Record<string, unknown>>;
  return {
    name: textAt(known, "name"),
    description: textOrNull(known.description),
    required: known.required === true,
  };
}

function textAt(given: Readonly<Record<string, unknown>>, key: string): string {
  const value = given[key];
  if (typeof value === "string") return value;
  throw new MillraceError("module.store", `the key ${key} is no text`);
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
