import type { TopicSummary } from "../../topic/index.ts";
import type { Outcome } from "../outcome.ts";
import { type Column, formatBytes, formatCount, plural, type Style, tableLines } from "../output/index.ts";
import type { CommonOptions, Session } from "../session.ts";
import { withTopics } from "./store.ts";

/** What `topic list --json` gives. */
export interface TopicListResult {
  readonly folder: string;
  readonly topics: readonly ListedTopic[];
}

export interface ListedTopic extends TopicSummary {
  readonly records: number;
}

const columns: readonly Column[] = [
  { header: "name", align: "left" },
  { header: "first", align: "right" },
  { header: "next", align: "right" },
  { header: "records", align: "right" },
  { header: "size", align: "right" },
];

export function listTopics(options: CommonOptions, session: Session): Promise<Outcome<TopicListResult>> {
  return withTopics(options, session, async (store, folder) => {
    const summaries = (await store?.list()) ?? [];
    const topics = summaries
      .map(({ name, first, next, storedBytes }) => ({
        name,
        first,
        next,
        records: next - first,
        storedBytes,
      }))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
    const summary = `${plural(topics.length, "topic")} in ${folder}`;
    const text = topics.length === 0 ? `no topics in ${folder}` : topicTable(topics, session.stdout.style);
    return { summary, result: { folder, topics }, text };
  });
}

function topicTable(topics: readonly ListedTopic[], style: Style): string {
  const [header = "", ...lines] = tableLines(
    columns,
    topics.map((topic) => [
      topic.name,
      formatCount(topic.first),
      formatCount(topic.next),
      formatCount(topic.records),
      formatBytes(topic.storedBytes),
    ]),
  );
  return [style.bold(header), ...lines].join("\n");
}
