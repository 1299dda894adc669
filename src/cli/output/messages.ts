import { formatWhere, type Where } from "../../errors.ts";
import { printable } from "./printable.ts";
import type { Style } from "./style.ts";

/** Something that people should know, with the place it is about and what to do. */
export interface Message {
  readonly message: string;
  readonly where?: Where | undefined;
  readonly hint?: string | undefined;
  /** Where several things are wrong: each of them; the message is their headline. */
  readonly problems?: readonly Message[];
}

/** A message in full: the sign and the text, then the place and the hint on lines of their own. */
function messageLines(
  sign: string,
  { message, where, hint, problems = [] }: Message,
  style: Style,
): string[] {
  const [first = "", ...others] = printable(message).split("\n");
  if (problems.length > 0) {
    return [`${sign} ${first}`, ...problems.flatMap((problem) => problemLines(problem, style))];
  }
  return [
    `${sign} ${first}`,
    ...others.map((line) => `  ${line}`),
    ...(where === undefined ? [] : [style.dim(`  at ${printable(formatWhere(where))}`)]),
    ...(hint === undefined ? [] : hintLines(hint, style)),
  ];
}

export function failureLines(message: Message, style: Style): string[] {
  return messageLines(style.red(style.glyphs.failed), message, style);
}

export function warningLines(message: Message, style: Style): string[] {
  return messageLines(style.yellow(style.glyphs.warning), message, style);
}

/** One of several problems, with its place in front, where editors and terminals find it. */
function problemLines({ message, where, hint }: Message, style: Style): string[] {
  const place = where === undefined ? "" : `${formatWhere(where)}: `;
  const text = printable(`${place}${message}`).replaceAll("\n", " ");
  return [`  ${text}`, ...(hint === undefined ? [] : hintLines(hint, style).map((line) => `  ${line}`))];
}

function hintLines(hint: string, { glyphs }: Style): string[] {
  const [first = "", ...others] = printable(hint).split("\n");
  const indent = " ".repeat(glyphs.hint.length + 3);
  return [`  ${glyphs.hint} ${first}`, ...others.map((line) => indent + line)];
}
