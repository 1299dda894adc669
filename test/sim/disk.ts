import type { World } from "./world.ts";

/** A key of a table; several parts are compared one after the other. */
export type TableKey = number | string | readonly string[];

export interface Entry {
  readonly value: Uint8Array | string;
  readonly version: number | undefined;
}

/** What is durable of one topic: tables by name, each with its entries by key. */
export type Tables = Map<string, Map<string, { readonly key: TableKey; readonly entry: Entry }>>;

export const unlimitedBytes = Number.MAX_SAFE_INTEGER;

/** How often a commit fails, and how a transaction is kept; what is not given works as it should. */
export interface DiskOptions {
  /** A commit fails once in so many times. */
  readonly failsOneIn?: () => number;
  /** Each write of a transaction is made durable by itself: what the simulator is to find. */
  readonly tears?: boolean;
}

/**
 * What outlives a crash. A transaction is durable as a whole or not at all, takes its time before and after that moment, and
 * only one is under way for a topic, from whichever process.
 */
export class SimulatedDisk {
  readonly #topics = new Map<string, Tables>();
  #turns = new Map<string, Promise<void>>();
  readonly #world: World | undefined;
  readonly #options: DiskOptions;
  /** Bytes that may still be written. */
  freeBytes = unlimitedBytes;
  /** Counts what became durable. */
  version = 0;

  /** @param world without one, nothing takes time */
  constructor(world?: World, options: DiskOptions = {}) {
    this.#world = world;
    this.#options = options;
  }

  get topicNames(): readonly string[] {
    return [...this.#topics.keys()].sort();
  }

  tablesOf(topic: string): Tables {
    const present = this.#topics.get(topic);
    if (present !== undefined) return present;
    const made: Tables = new Map();
    this.#topics.set(topic, made);
    return made;
  }

  remove(topic: string): void {
    this.#topics.delete(topic);
  }

  /** What was under way is not any more. What of it is durable stays so. */
  crash(): void {
    this.#turns = new Map();
  }

  /**
   * Makes a transaction durable, when it is its turn.
   * @param writes looked at then, as lmdb does, which keeps addresses; undefined when a condition does not hold
   * @returns whether there were any
   */
  async commit(topic: string, writes: () => readonly (() => void)[] | undefined): Promise<boolean> {
    const before = this.#turns.get(topic);
    let end = (): void => {};
    this.#turns.set(
      topic,
      new Promise((resolve) => {
        end = resolve;
      }),
    );
    await before;
    try {
      return await this.#commit(topic, writes);
    } finally {
      end();
    }
  }

  async #commit(topic: string, writes: () => readonly (() => void)[] | undefined): Promise<boolean> {
    await this.#world?.pause();
    const fails = this.#world?.dice.oneIn(this.#options.failsOneIn?.() ?? 0) ?? false;
    // Where the last step fails, nobody knows whether it was done.
    if (fails && this.#world?.dice.oneIn(2)) throw this.#failure(topic, "before");
    const made = writes();
    for (const write of made ?? []) {
      write();
      this.version++;
      if (this.#options.tears === true) await this.#world?.pause();
    }
    if (made !== undefined) this.#world?.note(`disk: ${made.length} writes of ${topic} are durable`);
    if (fails) throw this.#failure(topic, "after");
    await this.#world?.pause();
    return made !== undefined;
  }

  #failure(topic: string, when: string): Error {
    this.#world?.note(`disk: a commit of ${topic} fails ${when} it is durable`);
    return Object.assign(new Error("simulated failure of the disk"), { code: "EIO" });
  }
}
