import { Dice } from "../support/dice.ts";
import type { PlainRecord } from "../support/records.ts";
import { type StepKind, stepKinds } from "./guests.ts";

/** Where records come from and go to, which decides what is guaranteed. */
export const routes = [
  "replayable to topic",
  "gone once read to topic",
  "acknowledged to topic",
  "topic to device",
  "topic to own topic",
  "topic to other topic",
] as const;
export type Route = (typeof routes)[number];

export function readsTopic(route: Route): boolean {
  return route.startsWith("topic");
}

/** Whether each record arrives exactly once, whatever happens. */
export function isExactlyOnce(route: Route): boolean {
  return route === "replayable to topic" || route === "topic to own topic";
}

/** All that a simulation is made of, drawn from its seed. Rates are "once in so many"; 0 is never. */
export interface Scenario {
  readonly seed: number;
  readonly route: Route;
  /** One for each item of the feed: what steps and ends do with it. */
  readonly letters: string;
  readonly steps: readonly StepKind[];
  /** Later runs skip, as if somebody had changed the config. */
  readonly firstPolicy: "fail" | "skip";
  readonly processor: "inline" | "thread";
  readonly itemsPerReadMax: number;
  /** Bytes that are added to some values. */
  readonly padding: number;
  /** Waits for more at the end of the feed, until it is told to stop. */
  readonly follows: boolean;
  readonly slowestMs: number;
  readonly crashes: number;
  readonly stops: number;
  readonly failures: number;
  readonly fullDisks: number;
  /** Another process appends to the topic, and trims it, meanwhile. */
  readonly strangers: number;
}

/** Runs after which nothing fails any more, so that the feed comes to its end. */
export const troubledRunsMax = 12;

const letters = "kkkkkkddpbwyrth!%?xxxsz";
/** Large values are for the bounds of what is in flight; what makes other values of them only takes time. */
const stepsOfLarge: readonly StepKind[] = ["filter", "array-map"];
const lettersOfLarge = letters.replace("b", "");

export function drawScenario(seed: number): Scenario {
  const dice = new Dice(seed);
  const route = dice.pick(routes);
  const isLarge = dice.oneIn(40);
  const count = isLarge ? dice.between(1, 30) : dice.between(0, 120);
  const isTame = dice.oneIn(3);
  return {
    seed,
    route,
    letters: Array.from({ length: count }, () => dice.pick([...(isLarge ? lettersOfLarge : letters)])).join(
      "",
    ),
    steps: Array.from({ length: dice.below(4) }, () => dice.pick(isLarge ? stepsOfLarge : stepKinds)),
    firstPolicy: dice.oneIn(4) ? "fail" : "skip",
    processor: dice.oneIn(2) ? "thread" : "inline",
    itemsPerReadMax: dice.pick([1, 3, 10, 40]),
    padding: isLarge ? 1_200_000 : dice.pick([0, 0, 50, 400]),
    follows: dice.oneIn(2),
    slowestMs: dice.pick([1, 20, 20, 3000]),
    crashes: isTame ? 0 : dice.pick([20, 60, 200]),
    stops: dice.pick([0, 0, 80]),
    failures: isTame ? 0 : dice.pick([0, 0, 25, 100]),
    fullDisks: isTame ? 0 : dice.pick([0, 0, 150]),
    strangers: dice.pick([0, 0, 10, 40]),
  };
}

export interface Item {
  readonly index: number;
  readonly isRejected: boolean;
  readonly value: string;
  readonly key: string | undefined;
}

/** The item of a feed: its value begins with its letter, a digit, and its index. */
export function itemOf({ letters: given, padding, route }: Scenario, index: number): Item {
  const letter = given[index] as string;
  const pad = padding > 0 && index % 3 === 1 ? ".".repeat(padding) : "";
  return {
    index,
    // Only a source that reads from outside can meet something that is no record.
    isRejected: letter === "z" && !readsTopic(route),
    value: `${letter}${index % 7}-${index}${pad}`,
    key: index % 4 === 2 ? `key ${index}` : undefined,
  };
}

export function recordOf({ value, key }: Item): PlainRecord {
  return {
    value: Buffer.from(value),
    key: key === undefined ? undefined : Buffer.from(key),
    timestamp: undefined,
    headers: [],
  };
}

/** A record as it is compared: its key, where it has one, and its value. */
export function textOf({
  key,
  value,
}: {
  readonly key: Uint8Array | undefined;
  readonly value: Uint8Array;
}): string {
  const text = Buffer.from(value).toString("latin1");
  return key === undefined ? text : `${Buffer.from(key).toString("latin1")}=${text}`;
}
