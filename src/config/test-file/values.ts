import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { utf8 } from "../../base/index.ts";
import { messageOf } from "../../errors.ts";
import type { RecordInput } from "../../record/index.ts";
import type { Report } from "../report.ts";
import { type ConfigNode, formatPath, locate, type MapNode, type Path } from "../yaml/node.ts";
import type { GivenRecord } from "./schema.ts";

/** Where values of a test file come from, and where what is wrong with them goes. */
export interface Values {
  readonly root: MapNode;
  readonly folder: string;
  readonly report: Report;
}

interface GivenBytes {
  readonly text?: string | undefined;
  readonly json?: unknown;
  readonly hex?: string | undefined;
  readonly base64?: string | undefined;
  readonly file?: string | undefined;
}

/** A record as a test file gives it. */
export async function recordOf(given: GivenRecord, path: Path, values: Values): Promise<RecordInput> {
  if (typeof given === "string") return { value: given };
  const { key, timestamp, headers } = given;
  return {
    value: (await bytesOf(given, path, values)) ?? new Uint8Array(0),
    key,
    timestamp: timestamp === undefined ? undefined : timeOf(timestamp),
    headers:
      headers === undefined
        ? undefined
        : Object.entries(headers).map(([name, text]) => ({ name, value: utf8(text) })),
  };
}

/** The value that a mapping gives in one of several ways; undefined where it gives none. */
export async function bytesOf(
  given: GivenBytes,
  path: Path,
  values: Values,
): Promise<Uint8Array | undefined> {
  if (given.text !== undefined) return utf8(given.text);
  if (given.hex !== undefined) return Buffer.from(given.hex.replace(/\s+/g, ""), "hex");
  if (given.base64 !== undefined) return Buffer.from(given.base64, "base64");
  if (given.file !== undefined) return fileBytes(given.file, [...path, "file"], values);
  const { node } = locate(values.root, [...path, "json"]);
  return node === undefined ? undefined : utf8(jsonText(node));
}

/** The bytes of a file that a test file names; none, and a problem, where it cannot be read. */
export async function fileBytes(
  name: string,
  path: Path,
  { root, folder, report }: Values,
): Promise<Uint8Array> {
  try {
    return await readFile(resolve(folder, name));
  } catch (error) {
    const { place } = locate(root, path);
    report.error(place, `${formatPath(path)}: the file cannot be read: ${messageOf(error)}`);
    return new Uint8Array(0);
  }
}

/** Milliseconds since 1970. */
export function timeOf(given: string | number): number {
  return typeof given === "number" ? given : Date.parse(given);
}

/** Compact JSON with keys and numbers as they are written. */
function jsonText(node: ConfigNode): string {
  if (node.kind === "list") return `[${node.items.map(jsonText).join(",")}]`;
  if (node.kind === "map") {
    const pairs = [...node.entries].map(([key, { value }]) => `${JSON.stringify(key)}:${jsonText(value)}`);
    return `{${pairs.join(",")}}`;
  }
  const { value, text } = node;
  if (typeof value === "number" || typeof value === "bigint") {
    return /^-?(0|[1-9]\d*)(\.\d+)?(e[-+]?\d+)?$/i.test(text) ? text : String(value);
  }
  return JSON.stringify(value);
}
