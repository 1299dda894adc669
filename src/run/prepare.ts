import { type Logger, silentLogger } from "../base/index.ts";
import type { Plan } from "../config/index.ts";
import type { ConnectorContext } from "../connector/index.ts";
import { MillraceError } from "../errors.ts";
import {
  createTopicSink,
  createTopicSource,
  type FailedRecord,
  Pipeline,
  type PipelineCounts,
  type PipelineEnd,
  type Sink,
  type Source,
  type StageCounts,
} from "../pipeline/index.ts";
import {
  type Accumulator,
  type AccumulatorOwner,
  openLmdbStore,
  type Topic,
  type TopicStore,
} from "../topic/index.ts";
import { nodeContext } from "./context.ts";
import { lockPipeline } from "./lock.ts";
import { showEarlier } from "./look-back.ts";
import { openSteps, stepsToOpen } from "./open-steps.ts";
import { OtherTopics } from "./other-topics.ts";
import { openProcessor } from "./processor.ts";
import { type LoadedStep, loadSteps } from "./steps.ts";

export interface RunOptions {
  /** End after what is there now, instead of waiting for more. */
  readonly once: boolean;
  /** Folder of the topics where the config names none. */
  readonly topicFolder: string;
  readonly log: Logger;
  /** Told of every record that is left out. */
  readonly onSkip: (record: FailedRecord) => void;
}

/** A pipeline made from a plan: its modules are loaded and have taken their parameters, nothing has been read yet. */
export interface RunnablePipeline {
  readonly plan: Plan;
  readonly modules: readonly LoadedStep[];
  readonly counts: PipelineCounts;
  readonly stages: readonly StageCounts[];
  /**
   * Takes the pipeline's lock and runs until the source ends or the signal aborts; what was read is delivered then.
   * @throws MillraceError what ended it
   */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Makes a pipeline from a plan, up to the point where records would flow.
 * @throws MillraceError what is wrong with its modules or their parameters
 */
export async function preparePipeline(plan: Plan, options: RunOptions): Promise<RunnablePipeline> {
  const { log } = options;
  const modules = await loadSteps(plan.steps, log);
  // Nothing that is wrong about parameters should wait for a store or a server to be found.
  await openSteps(stepsToOpen(modules, []), silentLogger);
  const context = nodeContext({
    pipeline: plan.name,
    topic: plan.topic,
    folder: plan.folder,
    once: options.once,
    batchBytes: plan.batchBytes,
    log: options.log,
  });
  let pipeline: Pipeline | undefined;

  async function run(signal: AbortSignal): Promise<void> {
    const store = await openLmdbStore(plan.topicFolder ?? options.topicFolder);
    try {
      const lock = await lockPipeline(plan.name, store.location);
      try {
        const topic = await openTopic(plan, store);
        const accumulators = topic.accumulators(ownerOf(plan));
        warnOfUnused(accumulators, modules, log);
        const others = new OtherTopics(store, topic);
        const processor = await openProcessor(plan.isolation, stepsToOpen(modules, accumulators), log);
        try {
          await showEarlier(processor, topic, plan, context.clock);
          const { source, sink } = await openEnds(plan, topic, {
            ...context,
            openTopic: (name, options) => others.open(name, options),
          });
          const { onError } = plan;
          const { clock } = context;
          pipeline = new Pipeline({ source, processor, sink, onError, clock, onSkip: options.onSkip });
          const position = plan.direction === "inbound" ? topic.sourcePosition(plan.name) : undefined;
          await pipeline.run(position, signal);
        } finally {
          await processor.close();
          await others.close();
        }
      } finally {
        await lock.release();
      }
    } finally {
      await store.close();
    }
  }

  return {
    plan,
    modules,
    get counts() {
      return pipeline?.counts ?? { read: 0, delivered: 0, filtered: 0, skipped: 0, inFlight: 0 };
    },
    get stages() {
      return pipeline?.stages ?? [];
    },
    run,
  };
}

function ownerOf({ direction, name, consumer }: Plan): AccumulatorOwner {
  return direction === "inbound" ? { pipeline: name } : { consumer };
}

/** What an earlier config added up is kept, since it may come back, but nobody should think that it is used. */
function warnOfUnused(
  accumulators: readonly Accumulator[],
  modules: readonly LoadedStep[],
  log: Logger,
): void {
  const names = modules.filter(({ module }) => module.abi.kind === "aggregate").map(({ name }) => name);
  for (const { step } of accumulators) {
    if (names.includes(step)) continue;
    log.warn(
      `an earlier run has stored what its step ${step} had added up; no step of this config has that name, so it is not used`,
    );
  }
}

/** An inbound pipeline makes its topic; an outbound one reads a topic that somebody else makes. */
function openTopic(plan: Plan, store: TopicStore): Promise<Topic> {
  return store.open(plan.topic, { create: plan.direction === "inbound" });
}

interface Ends {
  readonly source: PipelineEnd<Source>;
  readonly sink: PipelineEnd<Sink>;
}

async function openEnds(plan: Plan, topic: Topic, context: ConnectorContext): Promise<Ends> {
  const topicName = `topic ${topic.name}`;
  const { connector, settings, extract } = plan;
  if (plan.direction === "inbound") {
    if (connector.source === undefined) throw noEnd(plan, "source");
    return {
      source: { name: plan.type, port: await connector.source(settings, extract, context) },
      sink: { name: topicName, port: createTopicSink(topic, plan.name) },
    };
  }
  if (connector.sink === undefined) throw noEnd(plan, "sink");
  const { consumer, start } = plan;
  return {
    source: { name: topicName, port: createTopicSource(topic, { consumer, start, once: context.once }) },
    sink: { name: plan.type, port: await connector.sink(settings, extract, context) },
  };
}

function noEnd(plan: Plan, end: string): MillraceError {
  return new MillraceError("connector.end", `the connector "${plan.connector.system}" has no ${end}`, {
    where: { file: plan.file },
  });
}
