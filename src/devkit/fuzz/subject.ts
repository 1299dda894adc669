import type { Module } from "../../engine/index.ts";
import { MillraceError } from "../../errors.ts";
import { Batch, type RecordInput } from "../../record/index.ts";
import { runTrial, Trial, type TrialOutcome, type TrialResult } from "../trial/index.ts";
import type { Expected } from "./result.ts";

/** A module that is fuzzed, with what is known of it. */
export class Subject {
  readonly module: Module;
  readonly parameters: ReadonlyMap<string, string>;
  /** It says, or the user does, that it keeps something from one record to a later one, or nobody says that it does not. */
  readonly keepsState: boolean;
  readonly readsClock: boolean;
  readonly readsRandom: boolean;
  readonly #batch = new Batch();

  private constructor(module: Module, parameters: ReadonlyMap<string, string>, keepsState: boolean) {
    this.module = module;
    this.parameters = parameters;
    this.keepsState = keepsState;
    const imports = (name: string): boolean => module.shape.imports.some((each) => each.name === name);
    this.readsClock = imports("clock_time_get");
    this.readsRandom = imports("random_get");
  }

  /**
   * @param isStateless what the user says of it, where it does not say so itself
   * @throws MillraceError `module.init`, and what else keeps it from starting
   */
  static async open(
    module: Module,
    parameters: ReadonlyMap<string, string>,
    isStateless: boolean | undefined,
  ): Promise<Subject> {
    const { stateful, kind } = await module.abi.open(module, { parameters, deterministic: true });
    const keeps = kind === "aggregate" || module.abi.looksBack || (isStateless === undefined && stateful);
    return new Subject(module, parameters, keeps);
  }

  get kind(): Module["abi"]["kind"] {
    return this.module.abi.kind;
  }

  /** What comes of records in a new instance. @param firstOffset offset of the first one */
  run(records: readonly RecordInput[], batchRecordsMax?: number, firstOffset = 0): Promise<TrialResult> {
    const earlier = Array.from({ length: this.module.abi.looksBack ? 0 : firstOffset }, () => ({
      value: "",
    }));
    return runTrial([this.#step], records, { ...this.#options, batchRecordsMax, earlier });
  }

  /** One instance, for several runs. */
  open(): Promise<Trial> {
    return Trial.open([this.#step], this.#options);
  }

  get #options() {
    return { deterministic: true, timestamp: 0, batch: this.#batch };
  }

  get #step() {
    return { module: this.module, parameters: this.parameters };
  }
}

/** Runs of one input, each of them once, however many laws ask for it. */
export class InputRuns {
  readonly records: readonly RecordInput[];
  readonly subject: Subject;
  readonly #runs = new Map<number | undefined, Promise<TrialResult>>();

  constructor(records: readonly RecordInput[], subject: Subject) {
    this.records = records;
    this.subject = subject;
  }

  /** @param batchRecordsMax records of one batch; all of them are in one where it is absent */
  of(batchRecordsMax?: number): Promise<TrialResult> {
    // More than there are make no other batches.
    const size = (batchRecordsMax ?? Infinity) >= this.records.length ? undefined : batchRecordsMax;
    const known = this.#runs.get(size);
    if (known !== undefined) return known;
    const run = this.subject.run(this.records, size);
    this.#runs.set(size, run);
    return run;
  }
}

/** True when a run came to its end, and no record cost an instance: what else the module does can be judged then. */
export function isSound({ ended, outcomes }: TrialResult): boolean {
  const costly: readonly string[] = ["module.trap", "module.fuel", "module.answer"];
  return (
    ended === undefined &&
    !outcomes.some(({ failures }) => failures.some(({ code }) => costly.includes(code)))
  );
}

/** What became of a record, as a text that is the same for the same. */
export function outcomeText({ fate, output, failures }: TrialOutcome): string {
  const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
  const records = output.map(({ value, key, timestamp, headers }) => [
    latin1(value),
    key === undefined ? null : latin1(key),
    timestamp ?? null,
    headers.map(({ name, value: header }) => [name, latin1(header)]),
  ]);
  return JSON.stringify([fate === "failed" ? failures.map(({ code }) => code) : [], records]);
}

export function expectedOf({ fate, output }: TrialOutcome): Expected {
  if (fate === "kept" || fate === "dropped" || fate === "failed") return { fate };
  return { fate: "output", values: output.map(({ value }) => value) };
}

/** A short text of what became of a record, for people. */
export function shownOutcome({ fate, output, failures }: TrialOutcome): string {
  if (fate === "failed") return `failed: ${failures[0]?.message ?? ""}`;
  if (fate !== "replaced" && fate !== "expanded") return fate;
  const texts = output.map(({ value }) => JSON.stringify(Buffer.from(value).toString("utf8").slice(0, 60)));
  return `${fate} by ${texts.join(", ")}`;
}

/** The failure of a record, or what ended the run, that has one of some codes. */
export function failureOf(
  { ended, outcomes }: TrialResult,
  codes: readonly string[],
): { readonly record: number; readonly message: string } | undefined {
  for (const [record, { failures }] of outcomes.entries()) {
    const found = failures.find(({ code }) => codes.includes(code));
    if (found !== undefined) return { record, message: found.message };
  }
  if (!MillraceError.is(ended) || !codes.includes(ended.code)) return undefined;
  const record = outcomes.findIndex(({ fate }) => fate === "unsettled");
  return { record: Math.max(0, record), message: ended.message };
}
