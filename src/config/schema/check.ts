import type { z } from "zod";
import { nearMiss } from "../../base/index.ts";
import type { Report } from "../report.ts";
import { formatPath, locate, locateKey, type MapNode, type Path, plainOf } from "../yaml/node.ts";
import { noWords, textOfIssue } from "./issue-text.ts";
import { knownKeys } from "./known-keys.ts";

/** What an unknown key is: ignored with a warning, as Fluvio ignores it without one, or a mistake. */
export type UnknownKeys = "warn" | "refuse";

interface CheckOptions {
  readonly unknownKeys: UnknownKeys;
  /** What the schema gets for a part that is missing. */
  readonly absent: undefined | Record<string, never>;
  readonly report: Report;
}

/**
 * Checks the part of a config at `path` against a schema and reports all that is wrong with it. Where a required key is
 * missing and an unknown one looks like it, that one is reported, and as a mistake.
 *
 * @returns the part as the schema makes it, or undefined when it was refused
 */
export function check<T>(
  schema: z.ZodType<T>,
  root: MapNode,
  path: Path,
  options: CheckOptions,
): T | undefined {
  const plain = plainAt(root, path, options.absent);
  const unknown: Path[] = [];
  // A schema that meets an unknown key yields nothing. Each round takes at least one such key away, so this ends.
  for (;;) {
    const result = schema.safeParse(plain, { error: () => noWords });
    const issues = result.success ? [] : result.error.issues.flatMap((issue) => openUnion(issue));
    const stray = issues.flatMap(unknownKeysOf).filter((keyPath) => removeKey(plain, keyPath));
    unknown.push(...stray);
    if (stray.length > 0) continue;
    const misspelt = reportUnknown(schema, root, path, unknown, issues, options);
    for (const issue of issues) {
      const at = [...path, ...pathOf(issue)];
      const { node, place } = locate(root, at);
      if (node === undefined && misspelt.has(formatPath(at))) continue;
      options.report.error(place, `${formatPath(at)}: ${textOfIssue(issue, node)}`);
    }
    return result.success ? result.data : undefined;
  }
}

/** A section with nothing below its key is as good as none. */
function plainAt(root: MapNode, path: Path, absent: CheckOptions["absent"]): unknown {
  const { node } = locate(root, path);
  const isEmpty = node === undefined || (node.kind === "scalar" && node.value === null);
  return isEmpty ? absent : plainOf(node);
}

type Issue = z.core.$ZodIssue;

function pathOf(issue: Issue): Path {
  return issue.path.map((step) => (typeof step === "number" ? step : String(step)));
}

/** For a value that fits no alternative but looks like one of them: what keeps it from being that one. */
function openUnion(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const alike = issue.errors
    .filter((option) => !option.some(({ code, path }) => path.length === 0 && otherKind.has(code)))
    .toSorted((left, right) => left.length - right.length)[0];
  if (alike === undefined) return [issue];
  return alike.flatMap((inner) => openUnion({ ...inner, path: [...issue.path, ...inner.path] }));
}

const otherKind: ReadonlySet<string> = new Set(["invalid_type", "invalid_value", "invalid_union"]);

function unknownKeysOf(issue: Issue): Path[] {
  return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...pathOf(issue), key]) : [];
}

function removeKey(plain: unknown, path: Path): boolean {
  const holder = path
    .slice(0, -1)
    .reduce<unknown>((value, step) => (isObject(value) ? value[step] : undefined), plain);
  const key = String(path.at(-1));
  return isObject(holder) && Object.hasOwn(holder, key) && delete holder[key];
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}

/** Reports unknown keys. Returns the paths of the missing keys that they are taken for. */
function reportUnknown(
  schema: z.ZodType,
  root: MapNode,
  path: Path,
  unknown: readonly Path[],
  issues: readonly Issue[],
  { unknownKeys, report }: CheckOptions,
): ReadonlySet<string> {
  const missing = new Set(
    issues
      .map((issue) => [...path, ...pathOf(issue)])
      .flatMap((at) => (locate(root, at).node ? [] : formatPath(at))),
  );
  const misspelt = new Set<string>();
  for (const keyPath of unknown) {
    const at = [...path, ...keyPath];
    const holder = at.slice(0, -1);
    const given = locate(root, holder).node;
    const taken = given?.kind === "map" ? given.entries : new Map();
    const free = knownKeys(schema, keyPath.slice(0, -1)).filter((key) => !taken.has(key));
    const near = nearMiss(String(at.at(-1)), free);
    const suggestion = near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`;
    const place = locateKey(root, at);
    const meant = near === undefined ? "" : formatPath([...holder, near]);
    if (missing.has(meant)) misspelt.add(meant);
    if (unknownKeys === "refuse" || missing.has(meant)) {
      report.error(place, `${formatPath(at)}: unknown key${suggestion}`);
    } else {
      report.warn(place, `${formatPath(at)}: unknown key, ignored${suggestion}`);
    }
  }
  return misspelt;
}
