import { createHash } from "node:crypto";
import type { Plan } from "../config/index.ts";
import { limits } from "../limits.ts";
import { type PipelineEnd, ReplaySource, startOf } from "../pipeline/index.ts";
import type { Topic, TopicStore } from "../topic/index.ts";

/** Which dead letters are to go through a pipeline in place of its source. */
export interface LettersToReplay {
  readonly topic: string;
  /** Pipeline whose letters they are. */
  readonly pipeline: string;
  /** First and last offset, the last not included; absent: the first one that has not been replayed, and the end. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface Replay {
  readonly source: PipelineEnd<ReplaySource>;
  /** Under which the pipeline's own topic keeps how far the replay has come, beside the place of the real source. */
  readonly holder: string;
}

/**
 * Opens dead letters as the source of a plan's pipeline.
 * @param own topic of the pipeline, which keeps what aggregates have added up
 * @throws MillraceError `topic.not-found`
 */
export async function openReplay(
  { topic: name, pipeline, from, to }: LettersToReplay,
  plan: Plan,
  store: TopicStore,
  own: Topic,
): Promise<Replay> {
  const letters = await store.open(name);
  const { direction, consumer, keepsPosition, start, onSourceError: onError } = plan;
  // Into a topic, accumulators are stored with the records.
  const keep: ConstructorParameters<typeof ReplaySource>[1]["keep"] =
    direction === "inbound" || !keepsPosition
      ? undefined
      : (accumulators) => {
          const offset = own.consumerOffset(consumer) ?? startOf(start, own.bounds());
          return own.commitConsumerOffset(consumer, offset, accumulators);
        };
  return {
    source: {
      name: `dead letters ${name}`,
      port: new ReplaySource(letters, { pipeline, from, to, keep }),
      onError,
    },
    holder: holderOf(name, pipeline),
  };
}

/** A name that no pipeline is likely to have; where it would be too long, by its hash. */
function holderOf(topic: string, pipeline: string): string {
  const name = `letters of ${pipeline} from ${topic}`;
  if (name.length <= limits.topicNameCharactersMax.default) return name;
  return `letters ${createHash("sha256").update(name).digest("hex")}`;
}
