import { isDeepStrictEqual } from "node:util";
import type { MillraceError } from "../../src/errors.ts";
import { Dice } from "../support/dice.ts";
import type { DeviceSinkOptions } from "./device.ts";
import { type DiskOptions, SimulatedDisk, unlimitedBytes } from "./disk.ts";
import { Violation } from "./judge.ts";
import { Life } from "./life.ts";
import { noSums, sumsBefore } from "./model.ts";
import { Plant } from "./plant.ts";
import { isExactlyOnce, type Scenario, troubledRunsMax } from "./scenario.ts";
import { World } from "./world.ts";

/** Faults that are planted on purpose, to see that they are found. */
export interface Planted {
  readonly disk?: Pick<DiskOptions, "tears">;
  readonly device?: Pick<DeviceSinkOptions, "forgetsToFlush">;
}

export interface Simulated {
  readonly scenario: Scenario;
  /** What does not hold, if anything. */
  readonly violation: string | undefined;
  /** What happened, an event a line. */
  readonly log: readonly string[];
  readonly runs: number;
  readonly crashes: number;
  readonly events: number;
}

/** Runs after which a feed that has not come to its end never will. */
const runsMax = troubledRunsMax * 4;

/** Events of a run that has come to nothing by then. */
const eventsMax = 20_000;

/** Runs pipelines, one after the other, until all of the feed has arrived. */
export async function simulate(
  scenario: Scenario,
  modules: Plant["modules"],
  planted: Planted = {},
): Promise<Simulated> {
  const simulation = new Simulation(scenario, modules, planted);
  const restoreTimers = simulation.world.takeOverTimers();
  try {
    return await simulation.run();
  } finally {
    restoreTimers();
  }
}

class Simulation {
  readonly world: World;
  readonly #scenario: Scenario;
  readonly #planted: Planted;
  readonly #plant: Plant;
  readonly #dice: Dice;
  #policy: "fail" | "skip";
  #runs = 0;
  #crashes = 0;
  #events = 0;
  /** Items before this one have arrived, in some run. */
  #arrivedTo = 0;
  /** What the aggregates of the next run may begin with. */
  #possibleSums: readonly (readonly number[])[];

  constructor(scenario: Scenario, modules: Plant["modules"], planted: Planted) {
    this.#scenario = scenario;
    this.#planted = planted;
    this.#policy = scenario.firstPolicy;
    this.#possibleSums = [noSums(scenario)];
    // What the world does by chance and what befalls it have dice of their own.
    this.#dice = new Dice(scenario.seed, 1);
    this.world = new World(new Dice(scenario.seed, 2), scenario.slowestMs);
    const failsOneIn = (): number => (this.#isTroubled ? scenario.failures : 0);
    const disk = new SimulatedDisk(this.world, { failsOneIn, ...planted.disk });
    this.#plant = new Plant(scenario, this.world, disk, modules);
  }

  async run(): Promise<Simulated> {
    let violation: string | undefined;
    try {
      if (!this.#scenario.follows) await this.#aside(this.#plant.fillTopic(true));
      while (!(await this.#live())) {
        if (this.#runs === runsMax) throw new Violation(`the feed is not at its end after ${runsMax} runs`);
      }
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      violation = error.message;
      this.world.note(`BROKEN: ${violation}`);
    }
    const { log } = this.world;
    const [runs, crashes, events] = [this.#runs, this.#crashes, this.#events];
    return { scenario: this.#scenario, violation, log, runs, crashes, events };
  }

  get #isTroubled(): boolean {
    return this.#runs > 0 && this.#runs <= troubledRunsMax;
  }

  /** Runs one pipeline to its end or to a crash; true when all of the feed has arrived. */
  async #live(): Promise<boolean> {
    const { world } = this;
    this.#runs++;
    this.#plant.disk.freeBytes = unlimitedBytes;
    world.note(`run ${this.#runs}, on errors ${this.#policy}`);
    const failsOneIn = this.#isTroubled ? this.#scenario.failures : 0;
    const life = await Life.begin(this.#plant, {
      policy: this.#policy,
      failsOneIn,
      ...(this.#planted.device === undefined ? {} : { device: this.#planted.device }),
    });
    this.#checkStart(life);
    const filling = this.#scenario.follows ? this.#plant.fillTopic(false) : Promise.resolve();
    // The disk may fail it, too; the next run's takes over.
    filling.catch(() => {});
    life.start();
    await world.settled();
    let isCrash = false;
    let events = 0;
    while (life.outcome === "running") {
      life.check();
      this.#befall(life);
      await world.settled();
      if (this.#isTroubled && this.#dice.oneIn(this.#scenario.crashes)) {
        isCrash = true;
        break;
      }
      if (++events > eventsMax) throw new Violation(`the run has not ended after ${eventsMax} events`);
      this.#events++;
      await world.step();
    }
    life.check();
    this.#possibleSums = life.judge.possibleSums;
    this.#arrivedTo = Math.max(this.#arrivedTo, life.judge.durableTo);
    const isDone = !isCrash && this.#checkEnd(life);
    this.#crash(isCrash);
    return isDone;
  }

  /** What comes from outside in between two events. */
  #befall(life: Life): void {
    const { world } = this;
    const { stops, strangers, fullDisks, follows } = this.#scenario;
    if (life.stoppedAtMs !== undefined) {
      const waitedMs = world.nowMs - life.stoppedAtMs;
      const mostMs = (life.counts.read + 50) * 2 * (this.#scenario.slowestMs + 1);
      if (waitedMs > mostMs) throw new Violation(`the run goes on ${waitedMs} ms after it was told to stop`);
    } else if (this.#isTroubled && this.#dice.oneIn(stops)) {
      world.note("told to stop");
      life.stop();
      // What it waited for ends when everything that follows from this has happened.
      return;
    }
    if (!world.isBusy) {
      if (life.stoppedAtMs !== undefined || !follows) throw new Violation("the run waits for nothing");
      const { readTo } = life.judge;
      if (readTo < this.#plant.itemCount) {
        throw new Violation(`nothing is read behind item ${readTo} of ${this.#plant.itemCount}`);
      }
      const { inFlight } = life.counts;
      if (inFlight > 0) throw new Violation(`nothing more happens, and ${inFlight} records are in flight`);
      world.note("nothing more happens; told to stop");
      life.stop();
    }
    if (this.#dice.oneIn(strangers)) void this.#plant.beStranger().catch(() => {});
    if (this.#isTroubled && this.#dice.oneIn(fullDisks)) {
      world.note("the disk is full");
      this.#plant.disk.freeBytes = 0;
    }
  }

  /** What an earlier run has left must be what this one begins with. */
  #checkStart(life: Life): void {
    const start = life.judge.readTo;
    this.world.note(`begins with item ${start}, sums [${life.sums}]`);
    const isLossy = this.#scenario.route === "gone once read to topic";
    const sums = isLossy ? this.#possibleSums : [sumsBefore(this.#scenario, start)];
    if (!sums.some((each) => isDeepStrictEqual(each, life.sums))) {
      const wanted = sums.map((each) => `[${each}]`).join(" or ");
      throw new Violation(`the aggregates begin with [${life.sums}] instead of ${wanted}`);
    }
    if (isLossy) return;
    if (start > this.#arrivedTo) {
      throw new Violation(
        `a run begins with item ${start}, and only those before ${this.#arrivedTo} have arrived`,
      );
    }
    if (isExactlyOnce(this.#scenario.route)) life.check();
  }

  /** True when the feed is at its end. */
  #checkEnd(life: Life): boolean {
    const { outcome, judge } = life;
    if (outcome === "ended") {
      judge.checkEnd(life.counts, life.skips);
      const { nextStart } = this.#plant;
      if (nextStart !== judge.readTo) {
        throw new Violation(
          `the run has ended at item ${judge.readTo}, the next one would begin with ${nextStart}`,
        );
      }
      const isAtEnd = judge.readTo === this.#plant.feed.items.length;
      if (!isAtEnd && life.stoppedAtMs === undefined) {
        throw new Violation(`the run has ended by itself at item ${judge.readTo}`);
      }
      return isAtEnd;
    }
    this.#checkFailure(outcome as MillraceError);
    return false;
  }

  /** A run may fail of what was made to fail, and of nothing else. */
  #checkFailure({ code, message }: MillraceError): void {
    this.world.note(`the run has failed: ${code}: ${message}`);
    const isRecord = ["module.record", "record.too-large", "record.line-feed"].includes(code);
    if (isRecord && this.#policy === "fail") {
      this.#policy = "skip";
      return;
    }
    const isSimulated = message.includes("simulated failure") && this.#isTroubled;
    const isFull = message.includes("the disk has 0 bytes left") && this.#isTroubled;
    if (!isSimulated && !isFull) throw new Violation(`the run has failed for no reason: ${code}: ${message}`);
  }

  #crash(isCrash: boolean): void {
    if (isCrash) {
      this.#crashes++;
      this.world.note("CRASH");
    }
    this.world.forgetAll();
    this.#plant.disk.crash();
    this.#plant.device.settle(this.#dice.below(this.#plant.device.waiting + 1));
    this.#plant.endProcesses();
  }

  /** Waits for something that happens beside pipelines. */
  async #aside(work: Promise<void>): Promise<void> {
    let isDone = false;
    void work.then(() => {
      isDone = true;
    });
    while (!isDone) await this.world.step();
  }
}
