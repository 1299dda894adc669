import { silentLogger } from "../../src/base/index.ts";
import type { ConnectorContext } from "../../src/connector/index.ts";
import { createOtherTopicSink } from "../../src/connector/topic/sink.ts";
import { createOtherTopicSource } from "../../src/connector/topic/source.ts";
import { MillraceError } from "../../src/errors.ts";
import {
  createInlineProcessor,
  createTopicSink,
  createTopicSource,
  Pipeline,
  type PipelineStep,
  type Processed,
  type Processor,
  runSteps,
  type Sink,
  type Source,
} from "../../src/pipeline/index.ts";
import type { Batch } from "../../src/record/index.ts";
import { openSteps } from "../../src/run/open-steps.ts";
import type { Accumulator, Position, Topic, TopicStore } from "../../src/topic/index.ts";
import { DeviceSink, type DeviceSinkOptions } from "./device.ts";
import { Judge, Violation } from "./judge.ts";
import { otherTopic, ownTopic, type Plant, pipelineName } from "./plant.ts";
import { isExactlyOnce, readsTopic } from "./scenario.ts";
import { SimulatedSource } from "./source.ts";
import { openSimulatedStore } from "./store.ts";
import { Watch } from "./watch.ts";

export interface LifeOptions {
  readonly policy: "fail" | "skip";
  /** An operation of source or sink fails once in so many times. */
  readonly failsOneIn: number;
  readonly device?: Partial<DeviceSinkOptions>;
}

/** One run of a pipeline, wired as `millrace run` does it, from the opening of its topics on. */
export class Life {
  readonly judge: Judge;
  /** What its aggregates begin with. */
  readonly sums: readonly number[];
  readonly watch: Watch;
  readonly #plant: Plant;
  readonly #pipeline: Pipeline;
  readonly #store: TopicStore;
  readonly #topic: Topic;
  readonly #stop = new AbortController();
  /** Simulated time when it was told to stop. */
  stoppedAtMs: number | undefined;
  outcome: "running" | "ended" | MillraceError = "running";
  skips = 0;
  #checkedVersion = -1;

  /** Opens what a run opens first. */
  static async begin(plant: Plant, options: LifeOptions): Promise<Life> {
    const store = openSimulatedStore(plant.disk, plant.world.clock);
    const topic = await store.open(ownTopic, { create: true });
    const { route } = plant.scenario;
    const isOutbound = route === "topic to device" || route === "topic to other topic";
    const owner = isOutbound ? { consumer: pipelineName } : { pipeline: pipelineName };
    const stored = plant.feed.kind === "acknowledged" ? plant.feed.accumulators : topic.accumulators(owner);
    const steps = await openSteps(
      plant.scenario.steps.map((kind, index) => ({
        stage: "transform",
        name: stepName(index, kind),
        onError: options.policy,
        module: plant.modules[kind],
        parameters: new Map(),
        accumulator: stored.find(({ step }) => step === stepName(index, kind))?.bytes,
        lookBack: undefined,
        stateful: undefined,
        world: { wasi: "own", deterministic: true },
        where: { file: "simulated" },
      })),
      silentLogger,
    );
    return new Life(plant, options, store, topic, stored, steps);
  }

  private constructor(
    plant: Plant,
    options: LifeOptions,
    store: TopicStore,
    topic: Topic,
    stored: readonly Accumulator[],
    steps: readonly PipelineStep[],
  ) {
    this.#plant = plant;
    this.#store = store;
    this.#topic = topic;
    const { route } = plant.scenario;
    this.sums = sumsOf(plant, stored);
    this.judge = new Judge(plant.scenario, plant.nextStart, this.sums, () => plant.observed);
    this.watch = new Watch(plant.world, this.judge);
    const { source, sink } = this.#ends(options);
    this.#pipeline = new Pipeline({
      source: { name: "source", port: this.watch.source(source, readsTopic(route)) },
      processor: processorOf(plant, steps),
      sink: { name: "sink", port: this.watch.sink(sink) },
      onError: options.policy,
      clock: plant.world.clock,
      onSkip: () => {
        this.skips++;
      },
    });
  }

  get counts(): Pipeline["counts"] {
    return this.#pipeline.counts;
  }

  /** Runs to the end, whatever that is. */
  start(): void {
    const { route } = this.#plant.scenario;
    const hasPosition = isExactlyOnce(route) || route.endsWith(" to topic");
    const position = hasPosition ? this.#topic.sourcePosition(pipelineName) : undefined;
    void this.#run(position).then(
      () => {
        this.outcome = "ended";
      },
      (error: unknown) => {
        this.outcome = MillraceError.is(error) ? error : new MillraceError("internal.bug", String(error));
      },
    );
  }

  async #run(position: Position | undefined): Promise<void> {
    try {
      await this.#pipeline.run(position, this.#stop.signal);
    } finally {
      await this.#store.close();
    }
  }

  stop(): void {
    this.stoppedAtMs = this.#plant.world.nowMs;
    this.#stop.abort(new MillraceError("internal.bug", "stopped"));
  }

  /** Holds everything against what must hold at any time. @throws Violation */
  check(): void {
    if (this.watch.violation !== undefined) throw this.watch.violation;
    this.judge.check(this.counts);
    const { version } = this.#plant.disk;
    if (version === this.#checkedVersion || !isExactlyOnce(this.#plant.scenario.route)) return;
    this.#checkedVersion = version;
    const { storedPosition } = this.#plant;
    if (storedPosition === undefined) return;
    const stored = this.#plant.storedAccumulators;
    this.judge.checkStored(storedPosition, sumsOf(this.#plant, stored));
  }

  #ends(options: LifeOptions): { readonly source: Source; readonly sink: Sink } {
    const { world, feed, device, scenario } = this.#plant;
    const { failsOneIn } = options;
    const { follows, itemsPerReadMax } = scenario;
    const context = {
      once: !follows,
      openTopic: (name: string) => this.#store.open(name, { create: true }),
    } as unknown as ConnectorContext;
    const onRange = (from: number, to: number): void => {
      this.watch.guard(() => this.judge.reading({ from, to }));
    };
    const ownSource = (): Source =>
      createTopicSource(this.#topic, {
        consumer: pipelineName,
        start: { from: "beginning", skip: 0 },
        once: !follows,
      });
    switch (scenario.route) {
      case "topic to device":
        return {
          source: ownSource(),
          sink: new DeviceSink(world, device, { failsOneIn, ...options.device }),
        };
      case "topic to other topic":
        return { source: ownSource(), sink: createOtherTopicSink({ name: otherTopic }, context) };
      case "topic to own topic":
        return {
          source: createOtherTopicSource({ name: otherTopic }, context),
          sink: createTopicSink(this.#topic, pipelineName),
        };
      default:
        return {
          source: new SimulatedSource(world, feed, { itemsPerReadMax, follows, failsOneIn, onRange }),
          sink: createTopicSink(this.#topic, pipelineName),
        };
    }
  }
}

function stepName(index: number, kind: string): string {
  return `${index + 1}-${kind}`;
}

/** @throws Violation for bytes that no aggregate of a simulation stores */
function sumsOf({ scenario }: Plant, stored: readonly Accumulator[]): readonly number[] {
  return scenario.steps.map((kind, index) => {
    const bytes = stored.find(({ step }) => step === stepName(index, kind))?.bytes;
    if (bytes === undefined || bytes.length === 0) return 0;
    if (bytes.length !== 4) throw new Violation(`${bytes.length} bytes are stored as a sum`);
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  });
}

/** The processor on the pipeline's thread, or one that works elsewhere, on one batch after another. */
function processorOf(plant: Plant, steps: readonly PipelineStep[]): Processor {
  const inline = createInlineProcessor(steps);
  const newBatch = (): Batch => plant.lendBatch();
  if (plant.scenario.processor === "inline") return { ...inline, newBatch };
  let last: Promise<unknown> = Promise.resolve();
  const process = (batch: Batch): Promise<Processed> => {
    const done = last.then(async () => {
      await plant.world.pause();
      const processed = runSteps(steps, batch);
      await plant.world.pause();
      return processed;
    });
    last = done;
    return done;
  };
  return { ...inline, newBatch, process };
}
