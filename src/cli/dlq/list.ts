import { limits } from "../../limits.ts";
import { openLetter } from "../../pipeline/index.ts";
import type { Topic } from "../../topic/index.ts";
import type { Outcome } from "../outcome.ts";
import { type Column, formatCount, plural, type Style, tableLines } from "../output/index.ts";
import type { CommonOptions, Session } from "../session.ts";
import { withTopics } from "../topic/store.ts";
import { letterTopics, recordsOf } from "./letters.ts";

/** What `dlq list --json` gives. */
interface DlqListResult {
  readonly folder: string;
  readonly topics: readonly ListedLetters[];
}

interface ListedLetters {
  readonly name: string;
  readonly first: number;
  readonly next: number;
  readonly letters: number;
  /** The youngest letters, which the rest is about. */
  readonly scanned: number;
  /** Of these, the ones that have not been replayed. */
  readonly waiting: number;
  /** The most frequent first. */
  readonly causes: readonly Cause[];
}

interface Cause {
  readonly count: number;
  readonly pipeline: string;
  readonly stage: string;
  readonly by: string;
  readonly code: string;
  /** Of the first letter of this cause. */
  readonly message: string;
}

const columns: readonly Column[] = [
  { header: "topic", align: "left" },
  { header: "letters", align: "right" },
  { header: "to replay", align: "right" },
  { header: "count", align: "right" },
  { header: "cause", align: "left" },
];

export function listLetters(options: CommonOptions, session: Session): Promise<Outcome<DlqListResult>> {
  return withTopics(options, session, async (store, folder) => {
    const topics = (await letterTopics(store)).map(listed);
    const letters = topics.reduce((sum, topic) => sum + topic.letters, 0);
    const summary = `${plural(letters, "dead letter")} in ${plural(topics.length, "topic")} of ${folder}`;
    const text =
      topics.length === 0 ? `no dead letters in ${folder}` : letterTable(topics, session.stdout.style);
    return { summary, result: { folder, topics }, text };
  });
}

function listed(topic: Topic): ListedLetters {
  const { first, next } = topic.bounds();
  const from = Math.max(first, next - limits.deadLettersScannedMax.default);
  const replayed = topic.consumers();
  const causes = new Map<string, Cause>();
  let scanned = 0;
  let waiting = 0;
  for (const { headers, offset = 0 } of recordsOf(topic, from, next)) {
    scanned++;
    const cause = openLetter(headers)?.cause;
    if (cause === undefined) continue;
    const { pipeline, stage, by, code, message } = cause;
    if (offset >= (replayed.get(pipeline) ?? 0)) waiting++;
    const key = JSON.stringify([pipeline, stage, by, code]);
    const known = causes.get(key) ?? { count: 0, pipeline, stage, by, code, message };
    causes.set(key, { ...known, count: known.count + 1 });
  }
  return {
    name: topic.name,
    first,
    next,
    letters: next - first,
    scanned,
    waiting,
    causes: [...causes.values()].sort((left, right) => right.count - left.count),
  };
}

function letterTable(topics: readonly ListedLetters[], style: Style): string {
  const rows = topics.flatMap(({ name, letters, scanned, waiting, causes }) => {
    const shown = causes.slice(0, limits.causesShownMax.default);
    const more = causes.length - shown.length;
    const least = scanned < letters ? "+" : "";
    const head = [name, formatCount(letters), `${formatCount(waiting)}${least}`];
    const texts = shown.map(({ count, ...cause }) => [formatCount(count), causeText(cause)]);
    const lines = [...texts, ...(more > 0 ? [["", `and ${plural(more, "other cause")}`]] : [])];
    return (lines.length === 0 ? [["", ""]] : lines).map((line, index) =>
      index === 0 ? [...head, ...line] : ["", "", "", ...line],
    );
  });
  const [header = "", ...lines] = tableLines(columns, rows);
  return [style.bold(header), ...lines].join("\n");
}

function causeText({ pipeline, stage, by, code, message }: Omit<Cause, "count">): string {
  return `${pipeline}: ${stage} ${by}, ${code}: ${message.replaceAll("\n", "\\n")}`;
}
