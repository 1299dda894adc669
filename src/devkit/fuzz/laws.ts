import { isUtf8 } from "node:buffer";
import { utf8 } from "../../base/index.ts";
import { limits } from "../../limits.ts";
import type { RecordInput } from "../../record/index.ts";
import type { TrialOutcome, TrialResult } from "../trial/index.ts";
import type { Expected, LawName, Violation } from "./result.ts";
import {
  expectedOf,
  failureOf,
  type InputRuns,
  isSound,
  outcomeText,
  type Subject,
  shownOutcome,
} from "./subject.ts";

/** What holds for every module, whatever its records are. */
export interface Law {
  readonly name: LawName;
  readonly sentence: string;
  /** Why it is not for a module; undefined where it is. */
  skips(subject: Subject): string | undefined;
  /** How it is broken with some records in a row; undefined where it holds. */
  check(runs: InputRuns): Promise<Violation | undefined>;
  /** One input in so many is enough, for a law that takes long. */
  readonly oneIn?: number;
}

const forAll = (): undefined => undefined;

const traps: Law = {
  name: "traps",
  sentence: "no record makes it trap",
  skips: forAll,
  check: async (runs) => failed(await runs.of(), ["module.trap"], "traps"),
};

const fuel: Law = {
  name: "fuel",
  sentence: "no record takes more fuel than it has",
  skips: ({ module }) => (module.limits.fuel ? undefined : "its fuel is not counted"),
  check: async (runs) => failed(await runs.of(), ["module.fuel"], "runs out of fuel"),
};

const answers: Law = {
  name: "answers",
  sentence: "it keeps to its ABI",
  skips: forAll,
  check: async (runs) => failed(await runs.of(), ["module.answer"], "breaks its ABI"),
};

const batches: Law = {
  name: "batches",
  sentence: "the same comes of records in one batch or in many",
  skips: forAll,
  async check(runs) {
    const alone = await runs.of(1);
    for (const batchRecordsMax of [undefined, 2, 3]) {
      const together = await runs.of(batchRecordsMax);
      const record = firstDifference(alone, together);
      // Another order is another law.
      if (record === undefined || isReordered(alone, together)) continue;
      return differs(record, alone, together, "in a batch of its own", "in a larger one", batchRecordsMax);
    }
    return undefined;
  },
};

const order: Law = {
  name: "order",
  sentence: "records stay in order",
  skips: forAll,
  async check(runs) {
    const alone = await runs.of(1);
    const together = await runs.of();
    const record = firstDifference(alone, together);
    if (record === undefined || !isReordered(alone, together)) return undefined;
    return differs(
      record,
      alone,
      together,
      "in a batch of its own",
      "among the others, of which one has its place",
    );
  },
};

const state: Law = {
  name: "state",
  sentence:
    "what comes of a record does not depend on those before, unless the module says that it keeps something",
  skips: ({ keepsState, readsRandom }) =>
    keepsState ? "it keeps something, or may do so" : readsRandom ? "it reads random bytes" : undefined,
  async check(runs) {
    const { records, subject } = runs;
    const together = await runs.of(1);
    const last = records.length - 1;
    const record = records[last];
    const now = together.outcomes[last];
    if (!isSound(together) || record === undefined || now === undefined) return undefined;
    // Each record is the last one of some input.
    const [alone] = (await subject.run([record], 1, last)).outcomes;
    if (alone === undefined || outcomeText(alone) === outcomeText(now)) return undefined;
    const before = records.slice(0, last).map((): Expected | undefined => undefined);
    return {
      message: `record ${last}: by itself it is ${shownOutcome(alone)}, behind the others ${shownOutcome(now)}`,
      expected: [...before, expectedOf(alone)],
    };
  },
};

const instances: Law = {
  name: "instances",
  sentence: "each new instance does the same",
  skips: forAll,
  async check(runs) {
    const first = await runs.of();
    const second = await runs.subject.run(runs.records);
    const record = firstDifference(first, second);
    return record === undefined
      ? undefined
      : differs(record, first, second, "in the first instance", "in the second one");
  },
};

const idempotent: Law = {
  name: "idempotent",
  sentence: "a filter keeps what it has kept",
  skips: ({ kind, keepsState }) =>
    kind !== "filter" ? "it is no filter" : keepsState ? "it keeps something, or may do so" : undefined,
  async check(runs) {
    const { records, subject } = runs;
    const once = await runs.of();
    const kept = records.filter((_, index) => once.outcomes[index]?.fate === "kept");
    const twice = await subject.run(kept);
    if (!isSound(once) || !isSound(twice)) return undefined;
    const record = twice.outcomes.findIndex(({ fate }) => fate !== "kept");
    const outcome = twice.outcomes[record];
    if (outcome === undefined) return undefined;
    const index = records.indexOf(kept[record] as RecordInput);
    return {
      message: `record ${index}: it was kept, and the second time it is ${shownOutcome(outcome)}`,
      expected: kept.map(() => ({ fate: "kept" })),
      shownBy: kept,
    };
  },
};

const text: Law = {
  name: "text",
  sentence: "what comes of text is text, in UTF-8",
  skips: ({ kind }) => (kind === "filter" ? "a filter changes nothing" : undefined),
  async check(runs) {
    const { records } = runs;
    const { outcomes } = await runs.of();
    for (const [index, { output }] of outcomes.entries()) {
      const given = records[index]?.value ?? "";
      if (!isUtf8(typeof given === "string" ? utf8(given) : given)) continue;
      const broken = output.find(({ value }) => !isUtf8(value));
      if (broken === undefined) continue;
      const hex = Buffer.from(broken.value).toString("hex").slice(-24);
      return {
        message: `record ${index}: it is text, and comes out as bytes that are none: …${hex}`,
        expected: records.map((_, at): Expected | undefined => (at === index ? { fate: "text" } : undefined)),
      };
    }
    return undefined;
  },
};

/** Runs of a batch before its memory is looked at, and between looks. */
const memoryRuns = 8;
/** Records of the batch that is run again and again, at the least. */
const memoryRecordsMin = 32;

const memory: Law = {
  name: "memory",
  sentence: "its memory does not grow when the same records come again and again",
  skips: forAll,
  oneIn: 20,
  async check({ records, subject }) {
    if (records.length === 0) return undefined;
    const copies = Math.ceil(memoryRecordsMin / records.length);
    const batch = Array.from({ length: copies }, () => records).flat();
    const trial = await subject.open();
    const sizes: number[] = [];
    for (let run = 0; run < memoryRuns * 3; run++) {
      const result = trial.run(batch);
      if (!isSound(result)) return undefined;
      if (run % memoryRuns === memoryRuns - 1) sizes.push(result.steps[0]?.memoryBytesMax ?? 0);
    }
    const [early = 0, middle = 0, late = 0] = sizes;
    // Collectors grow now and then, and come to rest.
    if (early >= middle || middle >= late) return undefined;
    return {
      message: `after ${memoryRuns}, ${memoryRuns * 2} and ${memoryRuns * 3} times it has ${early}, ${middle} and ${late} bytes`,
      expected: [],
      memoryBytesMax: early,
    };
  },
};

export const laws: readonly Law[] = [
  traps,
  fuel,
  answers,
  batches,
  order,
  state,
  instances,
  idempotent,
  text,
  memory,
];

function failed(result: TrialResult, codes: readonly string[], what: string): Violation | undefined {
  const failure = failureOf(result, codes);
  if (failure === undefined) return undefined;
  return { message: `record ${failure.record}: the module ${what}: ${failure.message}`, expected: [] };
}

/** The first record of which something else comes; undefined also where a run cannot be judged. */
function firstDifference(one: TrialResult, other: TrialResult): number | undefined {
  if (!isSound(one) || !isSound(other)) return undefined;
  const index = one.outcomes.findIndex(
    (outcome, at) => outcomeText(outcome) !== outcomeText(other.outcomes[at] as TrialOutcome),
  );
  return index === -1 ? undefined : index;
}

function isReordered(one: TrialResult, other: TrialResult): boolean {
  const texts = (result: TrialResult): string =>
    JSON.stringify(
      result.outcomes
        .flatMap(({ output }) => output.map(({ value }) => Buffer.from(value).toString("latin1")))
        .sort(),
    );
  return texts(one) === texts(other);
}

function differs(
  record: number,
  one: TrialResult,
  other: TrialResult,
  where: string,
  otherwise: string,
  batchRecordsMax?: number,
): Violation {
  const was = shownOutcome(one.outcomes[record] as TrialOutcome);
  const is = shownOutcome(other.outcomes[record] as TrialOutcome);
  return {
    message: `record ${record}: ${where} it is ${was}, ${otherwise} ${is}`,
    expected: one.outcomes.map(expectedOf),
    batchRecordsMax,
  };
}

/** Inputs have so many records at the most. */
export const recordsMax = limits.fuzzRecordsMax.default;
