import type { Sink } from "../../src/pipeline/index.ts";
import type { Batch, RecordFailure } from "../../src/record/index.ts";
import { isRefused } from "./model.ts";
import { textOf } from "./scenario.ts";
import { simulatedFailure } from "./source.ts";
import type { World } from "./world.ts";

/** Where an outbound pipeline delivers: what was written is durable once it was flushed; a crash keeps some of the rest. */
export class Device {
  readonly durable: string[] = [];
  #volatile: string[] = [];

  take(text: string): void {
    this.#volatile.push(text);
  }

  /** @param count how much of what waits is durable now, from the oldest on; the rest is lost */
  settle(count: number): void {
    this.durable.push(...this.#volatile.slice(0, count));
    this.#volatile = [];
  }

  get waiting(): number {
    return this.#volatile.length;
  }
}

export interface DeviceSinkOptions {
  /** A write or a flush fails once in so many times. */
  readonly failsOneIn: number;
  /** Says that it has flushed, and has not: what the simulator is to find. */
  readonly forgetsToFlush?: boolean;
}

export class DeviceSink implements Sink {
  readonly #world: World;
  readonly #device: Device;
  readonly #options: DeviceSinkOptions;

  constructor(world: World, device: Device, options: DeviceSinkOptions) {
    this.#world = world;
    this.#device = device;
    this.#options = options;
  }

  async open(): Promise<void> {
    await this.#world.pause();
  }

  async write(batch: Batch): Promise<readonly RecordFailure[]> {
    await this.#world.pause();
    const refused: RecordFailure[] = [];
    for (let i = 0; i < batch.count; i++) {
      const record = batch.at(i);
      if (isRefused(record.value)) {
        const origin = batch.originOf(i);
        refused.push({ origin, by: "device", code: "record.line-feed", message: "refused" });
      } else this.#device.take(textOf(record));
    }
    if (this.#world.dice.oneIn(this.#options.failsOneIn)) throw simulatedFailure("a write");
    await this.#world.pause();
    return refused;
  }

  async flush(): Promise<void> {
    await this.#world.pause();
    if (this.#options.forgetsToFlush === true) return;
    if (this.#world.dice.oneIn(this.#options.failsOneIn)) {
      this.#device.settle(this.#world.dice.below(this.#device.waiting + 1));
      throw simulatedFailure("a flush");
    }
    this.#device.settle(this.#device.waiting);
    await this.#world.pause();
  }

  async close(): Promise<void> {
    await this.#world.pause();
  }
}
