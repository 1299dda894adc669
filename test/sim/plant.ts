import type { Module } from "../../src/engine/index.ts";
import { Batch, FrameBuffer, FrameBuilder, type RecordInput } from "../../src/record/index.ts";
import type { Accumulator, Appended, Position, Topic } from "../../src/topic/index.ts";
import { StoredTopic } from "../../src/topic/lmdb/stored-topic.ts";
import { Device } from "./device.ts";
import type { SimulatedDisk } from "./disk.ts";
import { SimulatedEnvironment } from "./environment.ts";
import type { StepKind } from "./guests.ts";
import { isExactlyOnce, readsTopic, recordOf, type Scenario, textOf } from "./scenario.ts";
import { Feed, type FeedKind } from "./source.ts";
import { openSimulatedTopic } from "./store.ts";
import type { World } from "./world.ts";

/** What records of another process begin with. */
const strangersMark = "stranger";

export const pipelineName = "pipe";
export const ownTopic = "own";
export const otherTopic = "other";

/** All that outlives the pipelines of one simulation: disk, device, feed, and those who use the same topics. */
export class Plant {
  readonly scenario: Scenario;
  readonly world: World;
  readonly disk: SimulatedDisk;
  readonly modules: Readonly<Record<StepKind, Module>>;
  readonly device = new Device();
  readonly feed: Feed;
  readonly #batches: Batch[] = [];
  readonly #lent: Batch[] = [];
  /** As other processes have them open. */
  readonly #topics = new Map<string, Topic>();
  readonly #views = new Map<string, StoredTopic>();
  readonly #spare: Batch[] = [];
  readonly #arrived: string[] = [];
  readonly #reader = new Batch(new FrameBuffer(0));
  #seenVersion = -1;
  #seenTo = 0;
  #strangers = 0;

  constructor(scenario: Scenario, world: World, disk: SimulatedDisk, modules: Plant["modules"]) {
    this.scenario = scenario;
    this.world = world;
    this.disk = disk;
    this.modules = modules;
    const kind = scenario.route.replace(" to topic", "") as FeedKind;
    this.feed = new Feed(readsTopic(scenario.route) ? "replayable" : kind, scenario);
  }

  get #sourceTopic(): string | undefined {
    const { route } = this.scenario;
    if (!readsTopic(route)) return undefined;
    return route === "topic to own topic" ? otherTopic : ownTopic;
  }

  get #targetTopic(): string | undefined {
    const { route } = this.scenario;
    if (route === "topic to device") return undefined;
    return route === "topic to other topic" ? otherTopic : ownTopic;
  }

  /** Items that there are to be read so far. */
  get itemCount(): number {
    return this.#sourceTopic === undefined ? this.feed.items.length : this.#nextOf(this.#sourceTopic);
  }

  /** All that is durable at the other end, in order. */
  get observed(): readonly string[] {
    const topic = this.#targetTopic;
    if (topic === undefined) return this.device.durable;
    if (this.#seenVersion !== this.disk.version) this.#look(topic);
    this.#seenVersion = this.disk.version;
    return this.#arrived;
  }

  /** Index of the item that a run would begin with. */
  get nextStart(): number {
    const { route } = this.scenario;
    if (isExactlyOnce(route)) return this.storedPosition ?? 0;
    if (!readsTopic(route)) return this.feed.startFor(undefined);
    return this.#stored(ownTopic).consumerOffset(pipelineName) ?? 0;
  }

  /** Index of the item that a source's position in the pipeline's topic stands for. */
  get storedPosition(): number | undefined {
    const position: Position | undefined = this.#stored(ownTopic).position(pipelineName);
    const index = position?.next ?? position?.offset;
    return typeof index === "number" ? index : undefined;
  }

  /** What is stored with that position. */
  get storedAccumulators(): readonly Accumulator[] {
    return this.#stored(ownTopic).accumulators({ pipeline: pipelineName });
  }

  /** A batch that no living pipeline has. */
  lendBatch(): Batch {
    const batch = this.#batches.pop() ?? new Batch(new FrameBuffer(0));
    batch.release();
    this.#lent.push(batch);
    return batch;
  }

  /** All processes are gone, with what they had open. */
  endProcesses(): void {
    this.#topics.clear();
    this.#batches.push(...this.#lent.splice(0));
  }

  /** Puts all items into the topic that is read, or lets another process do so bit by bit. Resolves when it has. */
  async fillTopic(atOnce: boolean): Promise<void> {
    const name = this.#sourceTopic;
    if (name === undefined) return;
    const { dice } = this.world;
    const topic = this.#opened(name);
    const { items } = this.feed;
    for (let next = topic.bounds().next; next < items.length; ) {
      if (!atOnce) await this.world.pause();
      const count = atOnce && dice.oneIn(2) ? items.length - next : dice.between(1, 20);
      ({ nextOffset: next } = await this.#append(name, items.slice(next, next + count).map(recordOf)));
    }
  }

  /** Something that another process does with the topics. */
  async beStranger(): Promise<void> {
    const [source, target] = [this.#sourceTopic, this.#targetTopic];
    if (target !== undefined && (source === undefined || this.world.dice.oneIn(2))) {
      await this.#append(target, [{ value: `${strangersMark} ${this.#strangers++}` }]);
    } else if (source !== undefined) {
      const topic = this.#opened(source);
      await topic.trim(topic.consumerOffset(pipelineName) ?? this.storedPosition ?? 0);
    }
  }

  async #append(topic: string, records: readonly RecordInput[]): Promise<Appended> {
    const batch = this.#spare.pop() ?? new Batch(new FrameBuffer(0));
    batch.release();
    const builder = new FrameBuilder(batch.buffer);
    for (const record of records) builder.add(record);
    const appended = await this.#opened(topic).append(batch.start(builder.finish()));
    this.#spare.push(batch);
    return appended;
  }

  #opened(name: string): Topic {
    const topic = this.#topics.get(name) ?? openSimulatedTopic(this.disk, name, this.world.clock);
    this.#topics.set(name, topic);
    return topic;
  }

  #stored(topic: string): StoredTopic {
    const present = this.#views.get(topic);
    if (present !== undefined) return present;
    const view = new StoredTopic(topic, new SimulatedEnvironment(this.disk, topic).open());
    this.#views.set(topic, view);
    return view;
  }

  #nextOf(topic: string): number {
    return this.#stored(topic).bounds().next;
  }

  #look(name: string): void {
    const topic = this.#stored(name);
    for (;;) {
      const frame = topic.read(this.#seenTo, this.#reader.buffer);
      if (frame === undefined) break;
      for (const record of this.#reader.start(frame)) {
        const text = textOf(record);
        if (!text.startsWith(strangersMark)) this.#arrived.push(text);
      }
      this.#seenTo = frame.baseOffset + frame.recordCount;
      this.#reader.release();
    }
  }
}
