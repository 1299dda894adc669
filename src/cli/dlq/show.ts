import { utf8 } from "../../base/index.ts";
import { type DeadLetterCause, openLetter } from "../../pipeline/index.ts";
import type { RecordView } from "../../record/index.ts";
import { plural, printable, type Style } from "../output/index.ts";
import type { CommonOptions, Session } from "../session.ts";
import { type PrintedRecord, printedRecord } from "../topic/record-lines.ts";
import { withTopics } from "../topic/store.ts";
import { openLetters, recordsOf } from "./letters.ts";

export interface ShowOptions extends CommonOptions {
  readonly offset?: number;
  readonly count: number;
}

/** One line of `dlq show --json`: the record as it was before it failed, and why it did. */
interface PrintedLetter extends PrintedRecord {
  /** Null for a record that somebody else put into the topic. */
  readonly cause: DeadLetterCause | null;
}

/**
 * Prints dead letters with their causes.
 * @throws MillraceError `topic.not-found`, `dead-letter.topic`, `topic.corrupt`
 */
export function showLetters(name: string, options: ShowOptions, session: Session): Promise<void> {
  return withTopics(options, session, async (store, folder) => {
    const topic = await openLetters(store, name, folder);
    const { stdout, stderr, screen } = session;
    const { first, next } = topic.bounds();
    const from = Math.max(options.offset ?? first, first);
    const to = Math.min(next, from + options.count);
    const isJson = options.json === true;
    for (const record of recordsOf(topic, from, to)) {
      if (stdout.closed.aborted) return;
      const letter = printedLetter(record);
      const text = isJson ? JSON.stringify(letter) : letterText(letter, stdout.style);
      await stdout.write(utf8(`${text}\n`));
    }
    if (isJson) return;
    const more = next - Math.max(to, first);
    if (first === next) screen.print(stderr.style.dim(`there are no letters in ${name}`));
    else if (more > 0) {
      screen.print(stderr.style.dim(`${plural(more, "letter")} more: --offset ${to}, --count ${more}`));
    }
  });
}

function printedLetter(record: RecordView): PrintedLetter {
  const { headers } = record;
  const letter = openLetter(headers);
  return { ...printedRecord(record, letter?.headers ?? headers), cause: letter?.cause ?? null };
}

/** A letter for people: the cause, then the record. */
function letterText(
  { offset, cause, key, value, valueEncoding, headers }: PrintedLetter,
  style: Style,
): string {
  const number = style.bold(`#${offset}`);
  const lines =
    cause === null
      ? [`${number}  no cause is known: the record was put here by hand`]
      : [
          `${number}  ${oneLine(`${cause.stage} ${cause.by}`)}  ${style.red(oneLine(cause.code))}`,
          `  ${oneLine(cause.message)}`,
          style.dim(
            `  at ${oneLine(cause.place)}, pipeline ${oneLine(cause.pipeline)}, ${cause.time}, attempt ${cause.attempt}`,
          ),
          ...(cause.module === undefined ? [] : [style.dim(`  module ${oneLine(cause.module)}`)]),
        ];
  const remark = [
    ...(cause?.sample === true ? ["the first bytes"] : []),
    ...(valueEncoding === undefined ? [] : [valueEncoding]),
  ];
  return [
    ...lines,
    ...(key === null ? [] : [`  key: ${oneLine(key)}`]),
    ...headers.map((header) => `  header ${oneLine(header.name)}: ${oneLine(header.value)}`),
    `  value${remark.length === 0 ? "" : ` (${remark.join(", ")})`}: ${oneLine(value)}`,
  ].join("\n");
}

/** Texts of records and modules, on one line and without what a terminal would obey. */
function oneLine(text: string): string {
  return printable(text).replaceAll("\n", "\\n");
}
