import { isUtf8 } from "node:buffer";
import { createHmac, randomBytes } from "node:crypto";
import { textOf, utf8 } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import { absent, type Frame } from "../../record/index.ts";
import type { RecordEdit } from "./frame-edit.ts";

/** Shorter texts occur in places that have nothing to do with them. */
const soughtBytesMin = 3;

/**
 * Puts other values in the place of private ones. Equal texts become equal ones, so that modules that count or compare still do,
 * but nobody can tell what they were: the key is forgotten with the capture.
 */
export class Mask {
  readonly paths: readonly (readonly string[])[];
  readonly #key: Uint8Array;

  /**
   * @param fields paths of JSON fields, such as `user.email`; a number, or `*`, leads into arrays
   * @throws MillraceError `cli.usage`
   */
  constructor(fields: readonly string[], key: Uint8Array = randomBytes(32)) {
    this.paths = fields.map((field) => {
      const path = field.split(".");
      if (path.every((part) => part !== "")) return path;
      throw new MillraceError("cli.usage", `"${field}" is no path of a field to mask`, {
        hint: "write it as `user.email`, with dots between names",
      });
    });
    this.#key = key;
  }

  /**
   * The value of a record with its private fields replaced; undefined where it has none, or is no JSON.
   * @param secrets is given what was replaced, and by what
   */
  value(bytes: Uint8Array, secrets: Map<string, string>): Uint8Array | undefined {
    if (!isUtf8(bytes)) return undefined;
    let json: unknown;
    try {
      json = JSON.parse(textOf(bytes));
    } catch {
      return undefined;
    }
    let isChanged = false;
    for (const path of this.paths) {
      const masked = this.#replaced(json, path, 0, secrets);
      if (masked === undefined) continue;
      json = masked.value;
      isChanged = true;
    }
    return isChanged ? utf8(JSON.stringify(json)) : undefined;
  }

  #replaced(
    json: unknown,
    path: readonly string[],
    depth: number,
    secrets: Map<string, string>,
  ): { readonly value: unknown } | undefined {
    const name = path[depth];
    if (name === undefined) return { value: this.#substitute(json, secrets) };
    if (typeof json !== "object" || json === null) return undefined;
    const keys = name === "*" ? Object.keys(json) : Object.hasOwn(json, name) ? [name] : [];
    let isChanged = false;
    for (const key of keys) {
      const holder = json as Record<string, unknown>;
      const masked = this.#replaced(holder[key], path, depth + 1, secrets);
      if (masked === undefined) continue;
      // Not an assignment: a field may be called `__proto__`.
      Object.defineProperty(holder, key, {
        value: masked.value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
      isChanged = true;
    }
    return isChanged ? { value: json } : undefined;
  }

  /** Of the same type where that can be, so that modules go the same way. */
  #substitute(json: unknown, secrets: Map<string, string>): unknown {
    if (typeof json === "string") return this.#note(json, secrets);
    if (typeof json === "number") {
      this.#note(String(json), secrets, "0");
      return 0;
    }
    if (typeof json === "boolean") return false;
    if (json === null) return null;
    if (Array.isArray(json)) return json.map((item) => this.#substitute(item, secrets));
    return Object.fromEntries(
      Object.entries(json as object).map(([key, value]) => [key, this.#substitute(value, secrets)]),
    );
  }

  #note(secret: string, secrets: Map<string, string>, instead = this.#pseudonym(secret)): string {
    const sought = [secret, JSON.stringify(secret).slice(1, -1)];
    for (const text of sought) if (utf8(text).length >= soughtBytesMin) secrets.set(text, instead);
    return instead;
  }

  #pseudonym(secret: string): string {
    return `masked-${createHmac("sha256", this.#key).update(secret).digest("hex").slice(0, 12)}`;
  }

  /** What is to be other about a record of a frame; undefined where nothing is. */
  edit(frame: Frame, index: number, secrets: Map<string, string>): RecordEdit | undefined {
    const value = spanOf(frame, frame.values, index) ?? new Uint8Array(0);
    const byPath = this.value(value, secrets);
    const edit = {
      value: withoutSecrets(byPath ?? value, secrets) ?? byPath,
      key: withoutSecrets(spanOf(frame, frame.keys, index), secrets),
      headers: maskedHeaders(spanOf(frame, frame.headers, index), secrets),
    };
    return edit.value === undefined && edit.key === undefined && edit.headers === undefined
      ? undefined
      : edit;
  }
}

function spanOf(frame: Frame, spans: Uint32Array | undefined, index: number): Uint8Array | undefined {
  if (spans === undefined) return undefined;
  const at = spans[index * 2] as number;
  const length = spans[index * 2 + 1] as number;
  return length === absent ? undefined : frame.bytes.subarray(at, at + length);
}

/** A module may have put a private value anywhere: into another field, the key, a text of its own. */
function withoutSecrets(
  bytes: Uint8Array | undefined,
  secrets: ReadonlyMap<string, string>,
): Uint8Array | undefined {
  if (bytes === undefined || secrets.size === 0) return undefined;
  // Bytes as characters, one each, so that what is no UTF-8 stays as it is.
  let text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  const before = text;
  for (const [secret, instead] of longestFirst(secrets)) {
    text = text.replaceAll(Buffer.from(secret).toString("latin1"), () => instead);
  }
  return text === before ? undefined : new Uint8Array(Buffer.from(text, "latin1"));
}

/** The same for a text, such as what a module said of a record that it failed. */
export function textWithoutSecrets(text: string, secrets: ReadonlyMap<string, string>): string {
  let masked = text;
  for (const [secret, instead] of longestFirst(secrets)) masked = masked.replaceAll(secret, () => instead);
  return masked;
}

/** So that a secret within another one does not hide it. */
function longestFirst(secrets: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...secrets].sort(([a], [b]) => b.length - a.length);
}

/** The values of a header block without what is private; their lengths change with them. */
function maskedHeaders(
  block: Uint8Array | undefined,
  secrets: ReadonlyMap<string, string>,
): Uint8Array | undefined {
  if (block === undefined || block.length === 0 || secrets.size === 0) return undefined;
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const parts: Uint8Array[] = [block.slice(0, 4)];
  let isChanged = false;
  let at = 4;
  for (let left = view.getUint32(0, true); left > 0; left--) {
    const nameLength = view.getUint32(at, true);
    const valueAt = at + 8 + nameLength;
    const value = block.subarray(valueAt, valueAt + view.getUint32(at + 4, true));
    const masked = withoutSecrets(value, secrets);
    if (masked !== undefined) isChanged = true;
    const header = block.slice(at, valueAt);
    new DataView(header.buffer).setUint32(4, (masked ?? value).length, true);
    parts.push(header, masked ?? value);
    at = valueAt + value.length;
  }
  return isChanged ? new Uint8Array(Buffer.concat(parts)) : undefined;
}
