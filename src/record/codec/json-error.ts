import { textOf } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";

const lineFeed = 10;
/** Bytes shown before and behind the place of an error. */
const excerptBytes = 24;

/**
 * A `json.invalid` error for the byte at `at`: where it is, what was expected there, what was found, and the text
 * around it.
 */
export function jsonInvalid(bytes: Uint8Array, at: number, expected: string): MillraceError {
  const found = at < bytes.length ? `found ${nameOf(bytes[at] as number)}` : "but the text ends there";
  const excerpt = bytes.length === 0 ? "" : ` in ${excerptAt(bytes, at)}`;
  return new MillraceError(
    "json.invalid",
    `not JSON at ${placeOf(bytes, at)}: expected ${expected}, ${found}${excerpt}`,
  );
}

/** A place as `byte 17 (2:5)`: bytes from 0, line and column from 1, columns counted in characters. */
function placeOf(bytes: Uint8Array, at: number): string {
  let line = 1;
  let column = 1;
  for (let i = 0; i < at; i++) {
    const byte = bytes[i] as number;
    if (byte === lineFeed) {
      line++;
      column = 1;
    } else if ((byte & 0xc0) !== 0x80) column++;
  }
  return `byte ${at} (${line}:${column})`;
}

function excerptAt(bytes: Uint8Array, at: number): string {
  const from = Math.max(0, at - excerptBytes);
  const to = Math.min(bytes.length, at + excerptBytes);
  const shown = textOf(bytes.subarray(from, to))
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\p{Cc}/gu, "\ufffd");
  return `\`${from > 0 ? "…" : ""}${shown}${to < bytes.length ? "…" : ""}\``;
}

function nameOf(byte: number): string {
  return byte > 0x20 && byte < 0x7f
    ? `"${String.fromCharCode(byte)}"`
    : `byte 0x${byte.toString(16).padStart(2, "0")}`;
}
