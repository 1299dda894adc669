import { type Logger, redactedError, silentLogger } from "../base/index.ts";
import type { Plan } from "../config/index.ts";
import { limits } from "../limits.ts";
import {
  type DeadLetterBox,
  type FailedRecord,
  noPipelineCounts,
  Pipeline,
  type PipelineCounts,
  type ReplayCounts,
  type StageCounts,
} from "../pipeline/index.ts";
import {
  type Accumulator,
  type AccumulatorOwner,
  openLmdbStore,
  type Topic,
  type TopicStore,
} from "../topic/index.ts";
import type { Capture, CaptureOptions, CaptureSummary } from "./capture/index.ts";
import { nodeContext } from "./context.ts";
import { openEnds } from "./ends.ts";
import { lockPipeline } from "./lock.ts";
import { redactingLogger } from "./log.ts";
import { showEarlier } from "./look-back.ts";
import { type StepToOpen, stepsToOpen } from "./open-steps.ts";
import { OtherTopics } from "./other-topics.ts";
import { openProcessor } from "./processor.ts";
import { type Exchange, Reloader, type ReloadOutcome } from "./reload.ts";
import { type LettersToReplay, openReplay } from "./replay.ts";
import { type LoadedStep, loadSteps } from "./steps.ts";
import { watchFiles } from "./watch-files.ts";

export interface RunOptions {
  /** End after what is there now, instead of waiting for more. */
  readonly once: boolean;
  /** Folder of the topics where the config names none. */
  readonly topicFolder: string;
  readonly log: Logger;
  /** Told of every record that is left out. */
  readonly onSkip: (record: FailedRecord) => void;
  /** Told of every record that was kept as a dead letter. */
  readonly onDeadLetter?: (record: FailedRecord) => void;
  /** Dead letters that go through the pipeline in place of what its source would bring. */
  readonly replay?: LettersToReplay | undefined;
  /** Keeps what the steps do in a file. */
  readonly capture?: CaptureOptions | undefined;
  /** The config as it is now, for `reload`; without it only the modules are looked at. */
  readonly readAgain?: (() => Promise<Plan>) | undefined;
  /** Reloads whenever the config or a module has changed. */
  readonly watch?: boolean | undefined;
  /** Told when modules were exchanged. */
  readonly onExchange?: ((exchange: Exchange) => void) | undefined;
}

/** A pipeline made from a plan: its modules are loaded and have taken their parameters, nothing has been read yet. */
export interface RunnablePipeline {
  readonly plan: Plan;
  readonly modules: readonly LoadedStep[];
  readonly counts: PipelineCounts;
  readonly stages: readonly StageCounts[];
  /** What a replay has met so far; undefined for other runs. */
  readonly replayed: ReplayCounts | undefined;
  /** What was captured, once the run has ended; undefined for runs without a capture. */
  readonly captured: CaptureSummary | undefined;
  /**
   * Takes the pipeline's lock and runs until the source ends or the signal aborts; what was read is delivered then.
   * @throws MillraceError what ended it
   */
  run(signal: AbortSignal): Promise<void>;
  /** When modules were exchanged. */
  readonly exchanges: readonly Exchange[];
  /** Takes changed modules over, and a config of which only steps have changed; what speaks against it is in the log. */
  reload(): Promise<ReloadOutcome>;
}

/**
 * Makes a pipeline from a plan, up to the point where records would flow. Nothing that it throws, logs or keeps of a
 * failed record tells a secret of the config.
 * @throws MillraceError what is wrong with its modules or their parameters
 */
export async function preparePipeline(plan: Plan, options: RunOptions): Promise<RunnablePipeline> {
  const log = redactingLogger(options.log, plan.redactor);
  return withoutSecrets(plan, () => prepare(plan, { ...options, log }));
}

/** Does some work; what it throws tells no secret of the config. */
async function withoutSecrets<Result>({ redactor }: Plan, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw redactedError(error, redactor);
  }
}

async function prepare(plan: Plan, options: RunOptions): Promise<RunnablePipeline> {
  const { log } = options;
  const modules = await loadSteps(plan.steps, log);
  // Nothing that is wrong about parameters should wait for a store or a server to be found.
  await tryOut(plan, stepsToOpen(modules, [], plan.world));
  const context = nodeContext({
    pipeline: plan.name,
    topic: plan.topic,
    folder: plan.folder,
    once: options.once,
    batchBytes: plan.batchBytes,
    batchRecords: plan.batchRecords,
    log: options.log,
  });
  let pipeline: Pipeline | undefined;
  let replayed: (() => ReplayCounts) | undefined;
  let captured: CaptureSummary | undefined;
  let reloader: Reloader | undefined;
  const exchanges: Exchange[] = [];
  const reload = async (): Promise<ReloadOutcome> => (await reloader?.reload()) ?? "idle";

  async function run(signal: AbortSignal): Promise<void> {
    const store = await openLmdbStore(plan.topicFolder ?? options.topicFolder);
    try {
      const lock = await lockPipeline(plan.name, store.location);
      try {
        const topic = await openTopic(plan, store);
        // What is not stored by this run is not taken from an earlier one either.
        const accumulators = plan.keepsPosition ? topic.accumulators(ownerOf(plan)) : [];
        warnOfUnused(accumulators, modules, log);
        const deadLetters = await openDeadLetters(plan, store);
        const taken = [topic.name, ...(deadLetters === undefined ? [] : [deadLetters.topic.name])];
        const others = new OtherTopics(store, taken);
        const steps = stepsToOpen(modules, accumulators, plan.world);
        const wanted = options.capture ?? plan.capture;
        const capture = wanted && (await openCapture(plan, modules, steps, wanted, log));
        const processor = capture?.processor ?? (await openProcessor(plan.isolation, steps, log));
        const watching = new AbortController();
        let watched: Promise<unknown> | undefined;
        try {
          await showEarlier(processor, topic, plan, context.clock);
          const replay =
            options.replay === undefined ? undefined : await openReplay(options.replay, plan, store, topic);
          replayed = replay && (() => replay.source.port.counts);
          const openOther: OtherTopics["open"] = (name, how) => others.open(name, how);
          const ends = await openEnds(plan, topic, { ...context, openTopic: openOther }, replay);
          const { onError, errorWindow, framesInFlight } = plan;
          const { clock } = context;
          const { onSkip, onDeadLetter } = options;
          pipeline = new Pipeline({
            ...ends,
            processor,
            onError,
            clock,
            onSkip,
            onDeadLetter,
            deadLetters,
            errorWindow,
            redactor: plan.redactor,
            framesInFlight,
          });
          const holder = replay?.holder ?? plan.name;
          // A replay is over soon, and what it replays was failed by the modules that it began with; a capture is of some
          // modules.
          if (replay === undefined && capture === undefined) {
            reloader = new Reloader({
              plan,
              modules,
              processor,
              pipeline,
              topic,
              owner: ownerOf(plan),
              clock,
              log,
              readAgain: options.readAgain ?? (async () => plan),
              onExchange(exchange) {
                exchanges.push(exchange);
                options.onExchange?.(exchange);
              },
            });
            const current = reloader;
            if (options.watch) watched = watchFiles(() => current.files, reload, clock, watching.signal);
          }
          const position = plan.direction === "inbound" ? topic.sourcePosition(holder) : undefined;
          await pipeline.run(position, signal);
        } finally {
          watching.abort();
          await watched;
          await (reloader ?? processor).close();
          await others.close();
          // Also of a run that has failed: what made it fail is what people want to look at.
          captured = await capture?.finish();
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
    exchanges,
    reload,
    get modules() {
      return reloader?.modules ?? modules;
    },
    get counts() {
      return pipeline?.counts ?? noPipelineCounts;
    },
    get stages() {
      return pipeline?.stages ?? [];
    },
    get replayed() {
      return replayed?.();
    },
    get captured() {
      return captured;
    },
    run: (signal) => withoutSecrets(plan, () => run(signal)),
  };
}

/** Opens steps to see whether it can be done: right here, unless that could take long enough for a deadline to matter. */
async function tryOut({ isolation }: Plan, steps: readonly StepToOpen[]): Promise<void> {
  const fuelMax = limits.fuelPerSetup.default;
  const isBounded = steps.every(({ module }) => module.limits.fuel && module.limits.fuelPerSetup <= fuelMax);
  const processor = await openProcessor(isBounded ? "inline" : isolation, steps, silentLogger);
  await processor.close();
}

/** What captures need takes time to load, and most runs have none. */
async function openCapture(
  plan: Plan,
  modules: readonly LoadedStep[],
  steps: ReturnType<typeof stepsToOpen>,
  options: CaptureOptions,
  log: Logger,
): Promise<Capture> {
  const { startCapture } = await import("./capture/index.ts");
  return startCapture(plan, modules, steps, options, log);
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

/** Made before the first record comes: what is wrong with this topic should not wait for a record that fails. */
async function openDeadLetters(
  { deadLetterTopic, name }: Plan,
  store: TopicStore,
): Promise<DeadLetterBox | undefined> {
  if (deadLetterTopic === undefined) return undefined;
  return { topic: await store.open(deadLetterTopic, { create: true }), pipeline: name };
}
