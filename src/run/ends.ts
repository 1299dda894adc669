import type { Plan } from "../config/index.ts";
import type { ConnectorContext } from "../connector/index.ts";
import { MillraceError } from "../errors.ts";
import {
  createTopicSink,
  createTopicSource,
  type PipelineEnd,
  type Sink,
  type Source,
} from "../pipeline/index.ts";
import type { Topic } from "../topic/index.ts";
import type { Replay } from "./replay.ts";

export interface Ends {
  readonly source: PipelineEnd<Source>;
  readonly sink: PipelineEnd<Sink>;
}

/**
 * The ends of a plan's pipeline; in a replay, dead letters are the source.
 * @throws MillraceError `connector.end`; what the connector throws
 */
export async function openEnds(
  plan: Plan,
  topic: Topic,
  context: ConnectorContext,
  replay: Replay | undefined,
): Promise<Ends> {
  return { source: replay?.source ?? (await openSource(plan, topic, context)), sink: await openSink() };

  async function openSink(): Promise<PipelineEnd<Sink>> {
    const { name, connector, settings, extract, onSinkError: onError } = plan;
    if (plan.direction === "inbound") {
      const owner =
        replay === undefined ? { pipeline: name } : { pipeline: replay.holder, accumulatorsOf: name };
      return { name: `topic ${topic.name}`, port: createTopicSink(topic, owner), onError };
    }
    if (connector.sink === undefined) throw noEnd(plan, "sink");
    return { name: plan.type, port: await connector.sink(settings, extract, context), onError };
  }
}

async function openSource(plan: Plan, topic: Topic, context: ConnectorContext): Promise<PipelineEnd<Source>> {
  const { connector, settings, extract, consumer, keepsPosition, start, onSourceError: onError } = plan;
  if (plan.direction === "outbound") {
    const port = createTopicSource(topic, { consumer, keepsPosition, start, once: context.once });
    return { name: `topic ${topic.name}`, port, onError };
  }
  if (connector.source === undefined) throw noEnd(plan, "source");
  return { name: plan.type, port: await connector.source(settings, extract, context), onError };
}

function noEnd(plan: Plan, end: string): MillraceError {
  return new MillraceError("connector.end", `the connector "${plan.connector.system}" has no ${end}`, {
    where: { file: plan.file },
  });
}
