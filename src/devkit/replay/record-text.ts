import type { ShownRecord } from "./result.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A value as one line: text as it is, and what is no text as its bytes. */
export function valueText(value: Uint8Array): string {
  try {
    return utf8.decode(value);
  } catch {
    return `0x${Buffer.from(value.buffer, value.byteOffset, value.length).toString("hex")}`;
  }
}

/** A value as lines: JSON with a line for each member, so that a difference is one of lines. */
function valueLines(value: Uint8Array): readonly string[] {
  const text = valueText(value);
  if (/^\s*[[{]/.test(text)) {
    try {
      return JSON.stringify(JSON.parse(text), undefined, 2).split("\n");
    } catch {
      // Told as it stands.
    }
  }
  return text.split("\n");
}

/** A record as one line: what it has beside its value, then the value. */
export function recordText(record: ShownRecord): string {
  return [...partLines(record), valueText(record.value)].join(" ");
}

/** A record as lines. */
export function recordLines(record: ShownRecord): readonly string[] {
  return [...partLines(record), ...valueLines(record.value)];
}

function partLines({ key, timestamp, headers }: ShownRecord): readonly string[] {
  return [
    ...(key === undefined ? [] : [`key: ${valueText(key)}`]),
    ...(timestamp === undefined ? [] : [`time: ${timeText(timestamp)}`]),
    ...headers.map(([name, value]) => `header ${name}: ${value}`),
  ];
}

/** Beyond what dates can tell, the number itself. */
function timeText(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms);
}
