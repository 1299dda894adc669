import type { GuestLimits } from "../../engine/index.ts";
import type { Where } from "../../errors.ts";
import type { RecordInput } from "../../record/index.ts";
import type { StepStage } from "../plan.ts";

/** Something that is expected, with the place that says so. */
interface Placed {
  readonly where: Where;
}

/** What an error is expected to be; what is absent is of no matter. */
export interface ErrorExpectation extends Placed {
  readonly code: string | undefined;
  /** A part of its text. */
  readonly text: string | undefined;
}

export type ValueExpectation =
  | { readonly how: "text"; readonly text: string }
  | { readonly how: "bytes"; readonly bytes: Uint8Array }
  | { readonly how: "json" | "json-contains"; readonly json: unknown }
  | { readonly how: "matches"; readonly pattern: RegExp };

/** What one record is expected to be; what is undefined is of no matter. */
export interface RecordExpectation extends Placed {
  readonly value: ValueExpectation | undefined;
  /** Null: it has none. */
  readonly key: string | null | undefined;
  readonly timestamp: number | null | undefined;
  readonly headers: ReadonlyMap<string, string> | undefined;
}

/** What is expected to become of one input record. */
export type FateExpectation = Placed &
  (
    | { readonly fate: "kept" | "dropped" }
    | { readonly fate: "failed"; readonly error: ErrorExpectation | undefined }
    | { readonly fate: "output"; readonly records: readonly RecordExpectation[] }
  );

export interface TestInput {
  readonly record: RecordInput;
  readonly expected: FateExpectation | undefined;
}

/** A number or text that is expected, with its place. */
export interface Expected<T> extends Placed {
  readonly value: T;
}

/** One test: what goes in, and what is expected of it. */
export interface TestCase {
  readonly name: string;
  readonly where: Where;
  /** Of a module; undefined for a pipeline. */
  readonly parameters: ReadonlyMap<string, string> | undefined;
  readonly limits: GuestLimits | undefined;
  readonly stateful: boolean | undefined;
  /** The one stage of a pipeline that runs; undefined: all. */
  readonly stage: StepStage | undefined;
  readonly accumulator: string | undefined;
  readonly lookBack: { readonly last?: number | undefined; readonly ageMs?: number | undefined } | undefined;
  readonly earlier: readonly RecordInput[];
  readonly now: number | undefined;
  readonly batchRecordsMax: number | undefined;
  readonly input: readonly TestInput[];
  readonly output: Expected<readonly RecordExpectation[]> | undefined;
  readonly count: Expected<number> | undefined;
  /** By the index of their input record. */
  readonly errors: Expected<readonly (ErrorExpectation & { readonly index: number })[]> | undefined;
  readonly startError: ErrorExpectation | undefined;
  readonly endError: ErrorExpectation | undefined;
  readonly accumulatorAfter: Expected<string> | undefined;
  readonly log: readonly Expected<string>[];
  readonly fuelMax: Expected<number> | undefined;
  readonly memoryBytesMax: Expected<number> | undefined;
  readonly snapshot: Where | undefined;
}

/** A test file as plain data: checked, paths absolute, values as bytes. */
export interface TestFile {
  /** As it was named. */
  readonly file: string;
  readonly subject: {
    readonly kind: "module" | "pipeline";
    /** Absolute. */
    readonly path: string;
    readonly where: Where;
  };
  readonly cases: readonly TestCase[];
}
