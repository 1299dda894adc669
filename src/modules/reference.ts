import { MillraceError } from "../errors.ts";
import { limits } from "../limits.ts";
import { fullVersion } from "./semantic-version.ts";

/*
 * What names a module:
 *
 *   ./filter.wasm               a path: it ends in .wasm, or begins with . or /, or has more than one /
 *   jolt                        a name
 *   infinyon/jolt               with its group
 *   infinyon/jolt@0.4.1         with its version; 0.4 is 0.4.0
 *   …#sha256=9f86d081…          any of these, and the hash that its bytes must have
 */

/** The name of a module in a store. */
export interface ModuleName {
  readonly group: string | undefined;
  readonly name: string;
  /** Written out, as in 0.4.0. */
  readonly version: string | undefined;
}

/** What a config or a command calls a module. */
export type ModuleReference = {
  /** Of the module's bytes, in lower case. */
  readonly sha256: string | undefined;
} & ({ readonly path: string } | { readonly name: ModuleName });

const hint = "a name is NAME, GROUP/NAME or GROUP/NAME@VERSION; a path ends in .wasm or begins with ./";

/** @throws MillraceError `module.name` for what is neither a path nor a name, and for a hash that is none */
export function parseReference(text: string): ModuleReference {
  const at = text.lastIndexOf("#");
  // A path may have a `#` in it.
  const isHash = at !== -1 && !/[/\\]|\.wasm$/i.test(text.slice(at));
  const bare = isHash ? text.slice(0, at) : text;
  const given = isHash ? text.slice(at + 1) : undefined;
  const sha256 = given === undefined ? undefined : hashOf(given, text);
  if (bare === "") throw nameError("a module needs a name or a path");
  if (bare.includes("\0")) throw nameError("a path cannot have a character of the code 0");
  return isName(bare) ? { name: parseName(bare), sha256 } : { path: bare, sha256 };
}

/** Whether a text has the form of a name; anything else is a path. */
function isName(text: string): boolean {
  return !/\.wasm$/i.test(text) && /^[^./\\][^/\\]*(\/[^/\\]*)?$/.test(text);
}

/**
 * Reads a name, each part of which may become a part of a file's name on any system.
 * @throws MillraceError `module.name`
 */
export function parseName(text: string): ModuleName {
  const [, group, name = "", given] = /^(?:([^/]*)\/)?([^/@]*)(?:@([^/]*))?$/s.exec(text) ?? [];
  checkPart("module", name, text);
  if (group !== undefined) checkPart("group", group, text);
  const version = given === undefined ? undefined : fullVersion(given);
  if (given !== undefined && version === undefined) {
    throw nameError(`${quoted(given)} is no version of a module`, "write it as 1.2.3, 1.2 or 1");
  }
  return { group, name, version };
}

/** A name as people write it. */
export function formatName({ group, name, version }: ModuleName): string {
  return `${group === undefined ? "" : `${group}/`}${name}${version === undefined ? "" : `@${version}`}`;
}

function checkPart(what: string, part: string, whole: string): void {
  const most = limits.moduleNameCharactersMax.default;
  if (part.length > most) {
    throw nameError(`the name of a ${what} has ${part.length} characters, the limit is ${most}`);
  }
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(part) || part.endsWith(".")) {
    throw nameError(
      `${quoted(whole)} cannot be the name of a module`,
      `use letters, digits, \`.\`, \`_\` and \`-\`, beginning with a letter, a digit or \`_\`; ${hint}`,
    );
  }
  // On Windows these are devices, whatever follows the first point.
  if (/^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(part)) {
    throw nameError(`${quoted(part)} cannot be the name of a ${what}: Windows has a device of that name`);
  }
}

function hashOf(text: string, whole: string): string {
  const hash = /^sha256=([0-9a-f]{64})$/i.exec(text)?.[1];
  if (hash !== undefined) return hash.toLowerCase();
  throw nameError(
    `${quoted(whole)} ends in what is no hash`,
    "write #sha256= and 64 hexadecimal digits; `millrace module inspect` shows the hash of a module",
  );
}

function nameError(problem: string, advice = hint): MillraceError {
  return new MillraceError("module.name", problem, { hint: advice });
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}
