import { findJsonElements } from "../../record/index.ts";
import type { WebhookExtract } from "./settings.ts";

const lineFeed = 10;
const carriageReturn = 13;

/** Types of bodies whose lines are records. */
const typesOfLines: ReadonlySet<string> = new Set([
  "application/x-ndjson",
  "application/ndjson",
  "application/jsonl",
  "application/x-jsonlines",
  "application/json-lines",
  "application/jsonlines",
]);

/**
 * The values that a body holds, as views of it.
 * @throws MillraceError `json.invalid`, `json.pointer`
 */
export function valuesIn(
  body: Uint8Array,
  contentType: string | undefined,
  extract: WebhookExtract,
): Uint8Array[] {
  if (typeof extract === "object") return elementsOf(body, extract["json-array"]);
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  const isLines = extract === "lines" || (extract === "content-type" && typesOfLines.has(type));
  return isLines ? linesOf(body) : [body];
}

function elementsOf(body: Uint8Array, pointer: string): Uint8Array[] {
  const { spans, count } = findJsonElements(body, pointer);
  return Array.from({ length: count }, (_, index) => {
    const at = spans[index * 2] as number;
    return body.subarray(at, at + (spans[index * 2 + 1] as number));
  });
}

/** Lines without their ends, `\n` or `\r\n`; the last one needs none. */
function linesOf(body: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < body.length; ) {
    const found = body.indexOf(lineFeed, at);
    const end = found < 0 ? body.length : found;
    const hasReturn = found > at && body[end - 1] === carriageReturn;
    lines.push(body.subarray(at, hasReturn ? end - 1 : end));
    at = end + 1;
  }
  return lines;
}
