import type { Outcome } from "../outcome.ts";
import { formatCount, type Message, plural, warningLines } from "../output/index.ts";
import { readConfig } from "../read-config.ts";
import { runPlan } from "../run/action.ts";
import type { RunResult } from "../run/result.ts";
import type { ConfigOptions, Session } from "../session.ts";
import { withTopics } from "../topic/store.ts";
import { openLetters } from "./letters.ts";

export interface ReplayOptions extends ConfigOptions {
  readonly config: string;
  readonly pipeline?: string;
  readonly from?: number;
  readonly to?: number;
}

/** What `dlq replay --json` gives beside what `run` does. */
interface ReplayResult extends RunResult {
  readonly replay: {
    readonly topic: string;
    /** Whose letters were replayed. */
    readonly pipeline: string;
    readonly replayed: number;
    /** Letters that hold only the first bytes of a record, and cannot be replayed. */
    readonly samples: number;
    /** Letters of other pipelines, which stay for those. */
    readonly others: number;
    /** Where the next replay begins. */
    readonly next: number;
  };
}

/** Where a replay stands in the topic. */
interface Standing {
  readonly first: number;
  readonly next: number;
  /** The first letter that has not been replayed. */
  readonly replayed: number;
}

/**
 * Runs dead letters through the steps of a pipeline into its destination, in place of what its source would bring.
 * @throws MillraceError what is wrong with the config; `topic.not-found`, `dead-letter.topic`
 */
export async function replayLetters(
  name: string,
  options: ReplayOptions,
  session: Session,
): Promise<Outcome<ReplayResult>> {
  const { plan, warnings } = await readConfig(options.config, options, session);
  const pipeline = options.pipeline ?? plan.name;
  const { from, to } = options;
  const place = plan.topicFolder === undefined ? options : { ...options, topics: plan.topicFolder };
  const standing = (): Promise<Standing> =>
    withTopics(place, session, async (store, folder) => {
      const topic = await openLetters(store, name, folder);
      return { ...topic.bounds(), replayed: topic.consumerOffset(pipeline) ?? topic.bounds().first };
    });
  noteRange(name, await standing(), options, session);
  const replay = { topic: name, pipeline, from, to };
  const run = await runPlan(
    { plan, warnings, config: plan.file, replay },
    { ...options, once: true },
    session,
  );
  const counts = run.pipeline.replayed ?? { replayed: 0, samples: 0, others: 0 };
  const { replayed: next } = await standing();
  const summary = summaryOf(name, pipeline, { ...counts, next });
  const { outcome } = run;
  return {
    ...outcome,
    summary: `${outcome.summary}; ${summary}`,
    result: { ...outcome.result, replay: { topic: name, pipeline, ...counts, next } },
    text: outcome.text === undefined ? undefined : `${outcome.text}\n${summary}`,
  };
}

function noteRange(
  name: string,
  { first, replayed }: Standing,
  { from }: ReplayOptions,
  { screen, stderr }: Session,
): void {
  if (from === undefined) return;
  const note = (message: string): void => {
    const told: Message = { message, where: { topic: name } };
    screen.print(warningLines(told, stderr.style).join("\n"));
  };
  const oldest = Math.max(first, replayed);
  if (from < replayed) note(`letters from offset ${from} to ${replayed - 1} may have been replayed before`);
  if (from > oldest)
    note(`letters from offset ${oldest} to ${from - 1} are passed over, also by later replays`);
}

function summaryOf(
  name: string,
  pipeline: string,
  { replayed, samples, others, next }: Omit<ReplayResult["replay"], "topic" | "pipeline">,
): string {
  const parts = [
    `${plural(replayed, "letter")} of ${pipeline} replayed from ${name}`,
    ...(samples === 0 ? [] : [`${formatCount(samples)} passed over, of which only the first bytes are kept`]),
    ...(others === 0 ? [] : [`${formatCount(others)} of other pipelines left`]),
    `the next replay begins at offset ${next}`,
  ];
  return parts.join("; ");
}
