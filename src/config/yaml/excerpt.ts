import type { Place } from "./node.ts";
import { plainText } from "./plain-text.ts";

const columnsBefore = 50;
const columnsMax = 80;

/** The line of a place, and below it a mark under the column: two lines for people. */
export function excerptOf(text: string, { line, column }: Place): string {
  const whole = (text.split("\n")[line - 1] ?? "").replace(/\r$/, "");
  const start = Math.max(0, column - 1 - columnsBefore);
  const shown = plainText(whole.slice(start, start + columnsMax));
  const margin = `${line} | `;
  return `${margin}${shown}\n${" ".repeat(margin.length + column - 1 - start)}^`;
}
