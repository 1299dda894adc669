import { textOf } from "../../base/index.ts";

const charactersMax = 80;

/** Bytes for people: a text in quotes, or hexadecimal digits where they are none. */
export function shownBytes(bytes: Uint8Array): string {
  const text = strictText(bytes);
  if (text !== undefined) return JSON.stringify(cut(text));
  return `bytes ${cut(Buffer.from(bytes).toString("hex"))}`;
}

/** The text that bytes are, or undefined where they are no UTF-8. */
export function strictText(bytes: Uint8Array): string | undefined {
  const text = textOf(bytes);
  return text.includes("\uFFFD") && !Buffer.from(text).equals(bytes) ? undefined : text;
}

/** Bytes as lines that can be compared: text, or 16 bytes on each in hexadecimal digits. */
export function comparableLines(bytes: Uint8Array): string[] {
  const text = strictText(bytes);
  if (text !== undefined) return text.split("\n");
  const digits = Buffer.from(bytes).toString("hex");
  return (digits.match(/.{1,32}/g) ?? []).map((line) => (line.match(/../g) ?? []).join(" "));
}

function cut(text: string): string {
  return text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text;
}
