import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";

const magic = /[*?[\]{}\\]/;

/** True when a path has characters that mean something in a pattern. */
export function looksLikePattern(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** Files that fit a pattern, and the folders where others could appear that do. */
export interface Matches {
  /** Absolute paths in the order of their names. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/**
 * Finds the files that fit an absolute pattern. `*` and `?` stand for characters of a name, though not for a dot at its
 * start, `[a-z]` and `[!a-z]` for one of some, `{a,b}` for either text, `**` as a whole name for folders of any depth,
 * and `\` makes what follows an ordinary character. What cannot be looked into is passed over.
 *
 * @throws MillraceError `file.unreadable` when too many files fit
 */
export async function findFiles(pattern: string): Promise<Matches> {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const each of expandBraces(pattern)) {
    const [root = "", ...names] = each.split(sep);
    await new Walk(
      files,
      folders,
      names.filter((name) => name !== ""),
    ).walk(root + sep, 0);
  }
  return { files: [...files].sort(), folders: [...folders].sort() };
}

class Walk {
  readonly #files: Set<string>;
  readonly #folders: Set<string>;
  readonly #names: readonly string[];

  constructor(files: Set<string>, folders: Set<string>, names: readonly string[]) {
    this.#files = files;
    this.#folders = folders;
    this.#names = names;
  }

  async walk(folder: string, index: number): Promise<void> {
    const name = this.#names[index];
    if (name === undefined) return;
    const isLast = index === this.#names.length - 1;
    if (name === "**") return this.#walkAll(folder, index, isLast);
    if (!magic.test(name)) {
      const path = join(folder, name);
      if (!isLast) return this.walk(path, index + 1);
      this.#folders.add(folder);
      if (await isKind(path, "isFile")) this.#add(path);
      return;
    }
    const expression = expressionOf(name);
    for (const entry of await this.#entriesOf(folder)) {
      if (!expression.test(entry.name)) continue;
      const path = join(folder, entry.name);
      if (isLast && (await isEntry(entry, path, "isFile"))) this.#add(path);
      if (!isLast && (await isEntry(entry, path, "isDirectory"))) await this.walk(path, index + 1);
    }
  }

  /** A link to a folder is not followed here, since it may lead upwards. */
  async #walkAll(folder: string, index: number, isLast: boolean): Promise<void> {
    if (!isLast) await this.walk(folder, index + 1);
    for (const entry of await this.#entriesOf(folder)) {
      if (entry.name.startsWith(".")) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await this.#walkAll(path, index, isLast);
      else if (isLast && (await isEntry(entry, path, "isFile"))) this.#add(path);
    }
  }

  async #entriesOf(folder: string): Promise<readonly Dirent[]> {
    this.#folders.add(folder);
    return readdir(folder, { withFileTypes: true }).catch(() => []);
  }

  #add(path: string): void {
    this.#files.add(path);
    if (this.#files.size <= limits.globFilesMax.default) return;
    throw new MillraceError(
      "file.unreadable",
      `more than ${limits.globFilesMax.default} files fit the pattern`,
      {
        hint: "narrow `path`, or run a pipeline for each part of the files",
      },
    );
  }
}

/** Whether a path leads to anything. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

type Kind = "isFile" | "isDirectory";

async function isKind(path: string, kind: Kind): Promise<boolean> {
  return stat(path).then(
    (found) => found[kind](),
    () => false,
  );
}

async function isEntry(entry: Dirent, path: string, kind: Kind): Promise<boolean> {
  return entry.isSymbolicLink() ? isKind(path, kind) : entry[kind]();
}

/** The pattern of one name as an expression. */
function expressionOf(name: string): RegExp {
  let text = /^[*?[]/.test(name) ? "(?!\\.)" : "";
  for (let i = 0; i < name.length; i++) {
    const character = name[i] as string;
    const set = character === "[" ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(name.slice(i)) : null;
    if (set !== null) {
      const [whole = "", negation = "", members = ""] = set;
      text += `[${negation === "" ? "" : "^"}${members.replaceAll(/[\\\]^[]/g, "\\$&")}]`;
      i += whole.length - 1;
    } else if (character === "*") text += ".*";
    else if (character === "?") text += ".";
    else {
      const plain = character === "\\" && i + 1 < name.length ? (name[++i] as string) : character;
      text += plain.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
    }
  }
  return new RegExp(`^${text}$`, "su");
}

/** The patterns that one with braces stands for, such as `a.log` and `b.log` for `{a,b}.log`. */
export function expandBraces(pattern: string): readonly string[] {
  const patterns: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const braces = innermostBraces(next);
    if (braces === undefined) patterns.push(next);
    else open.push(...braces.toReversed());
    if (patterns.length + open.length <= limits.globPatternsMax.default) continue;
    throw new MillraceError(
      "config.invalid",
      `the braces in the path stand for more than ${limits.globPatternsMax.default} patterns`,
      { hint: "use `*` in place of some of them" },
    );
  }
  return patterns;
}

/** The texts that the first pair of braces without others in it makes, or undefined where there is none. */
function innermostBraces(pattern: string): string[] | undefined {
  const found = /^((?:[^\\]|\\.)*?)\{((?:[^{}\\]|\\.)*,(?:[^{}\\]|\\.)*)\}/s.exec(pattern);
  if (found === null) return undefined;
  const [whole, before = "", choices = ""] = found;
  const behind = pattern.slice(whole.length);
  return choices.split(",").map((choice) => before + choice + behind);
}
