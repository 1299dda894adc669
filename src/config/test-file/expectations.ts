import { messageOf } from "../../errors.ts";
import { formatPath, locate, type Path, plainOf } from "../yaml/node.ts";
import type { GivenError, GivenExpectation, GivenFate } from "./schema.ts";
import type { ErrorExpectation, FateExpectation, RecordExpectation, ValueExpectation } from "./test-file.ts";
import { bytesOf, timeOf, type Values } from "./values.ts";

/** What is expected of a record that comes out. */
export async function recordExpectation(
  given: GivenExpectation,
  path: Path,
  values: Values,
): Promise<RecordExpectation> {
  const where = values.report.where(locate(values.root, path).place);
  const nothing = { key: undefined, timestamp: undefined, headers: undefined };
  if (typeof given === "string") return { where, ...nothing, value: { how: "text", text: given } };
  const { key, timestamp, headers } = given;
  return {
    where,
    value: await valueExpectation(given, path, values),
    key,
    timestamp: timestamp === undefined || timestamp === null ? timestamp : timeOf(timestamp),
    headers: headers && new Map(Object.entries(headers)),
  };
}

async function valueExpectation(
  given: Exclude<GivenExpectation, string>,
  path: Path,
  values: Values,
): Promise<ValueExpectation | undefined> {
  const { root, report } = values;
  if (given.text !== undefined) return { how: "text", text: given.text };
  for (const how of ["json", "json-contains"] as const) {
    const { node } = locate(root, [...path, how]);
    if (node !== undefined) return { how, json: withoutBigints(plainOf(node)) };
  }
  if (given.matches !== undefined) {
    try {
      return { how: "matches", pattern: new RegExp(given.matches, "su") };
    } catch (error) {
      const at = [...path, "matches"];
      report.error(locate(root, at).place, `${formatPath(at)}: ${messageOf(error)}`);
      return undefined;
    }
  }
  const bytes = await bytesOf(given, path, values);
  return bytes === undefined ? undefined : { how: "bytes", bytes };
}

/** What is expected to become of an input record. */
export async function fateExpectation(
  given: GivenFate,
  path: Path,
  values: Values,
): Promise<FateExpectation> {
  const where = values.report.where(locate(values.root, path).place);
  if (given === "kept" || given === "dropped") return { where, fate: given };
  if (given === "failed") return { where, fate: given, error: undefined };
  if (typeof given === "object" && "error" in given) {
    return { where, fate: "failed", error: errorExpectation(given.error, [...path, "error"], values) };
  }
  const isList = Array.isArray(given);
  const list: readonly GivenExpectation[] = isList ? given : [given];
  const records = await Promise.all(
    list.map((each, index) => recordExpectation(each, isList ? [...path, index] : path, values)),
  );
  return { where, fate: "output", records };
}

export function errorExpectation(
  { code, text }: GivenError,
  path: Path,
  { root, report }: Values,
): ErrorExpectation {
  return { where: report.where(locate(root, path).place), code, text };
}

/** As JSON is read where it comes out: whole numbers beyond the safe ones lose digits. */
function withoutBigints(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(withoutBigints);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutBigints(inner)]));
}
