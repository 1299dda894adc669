import { textOf } from "../../base/index.ts";
import type { ErrorCode } from "../../errors.ts";
import type { Header } from "../../record/index.ts";
import { type Fate, outputOf, type TrialRecord, type TrialResult } from "../trial/index.ts";

/** A record that came out. */
export interface TestedRecord {
  readonly value: Uint8Array;
  /** The value as UTF-8 text. */
  readonly text: string;
  /** The key as UTF-8 text; undefined where it has none. */
  readonly key: string | undefined;
  /** Milliseconds since 1970, or undefined. */
  readonly timestamp: number | undefined;
  readonly headers: readonly Header[];
}

/** What became of one input record. */
export interface TestedInput {
  /**
   * `kept` as it came in, `replaced` by one that differs, `expanded` to others, `dropped`, `failed`; `unsettled` where a
   * module ended before.
   */
  readonly fate: Fate;
  readonly output: readonly TestedRecord[];
  /** What failed it; undefined for other fates. */
  readonly error: { readonly module: string; readonly code: ErrorCode; readonly message: string } | undefined;
}

/** What modules made of records. */
export interface TestedRecords {
  /** One for each input record, in order. */
  readonly inputs: readonly TestedInput[];
  /** All that came out, in order. */
  readonly output: readonly TestedRecord[];
  /** Instructions that the records took, the same on each machine. */
  readonly fuel: number;
  /** The most memory that an instance of a module had, in bytes. */
  readonly memoryBytesMax: number;
  /** What the last aggregate has added up, as text; undefined where there is none. */
  readonly accumulator: string | undefined;
  readonly log: readonly { readonly module: string; readonly level: string; readonly text: string }[];
  /** What would end the pipeline, such as a trap by which a module lost what it kept. */
  readonly ended: { readonly code: ErrorCode; readonly message: string } | undefined;
}

export function testedOf(result: TrialResult): TestedRecords {
  const { outcomes, fuel, steps, log, ended } = result;
  const accumulator = steps.findLast((step) => step.accumulator !== undefined)?.accumulator;
  return {
    inputs: outcomes.map(({ fate, output, failures: [error] }) => ({
      fate,
      output: output.map(recordOf),
      error: error && { module: error.module, code: error.code, message: error.message },
    })),
    output: outputOf(result).map(recordOf),
    fuel,
    memoryBytesMax: Math.max(0, ...steps.map((step) => step.memoryBytesMax)),
    accumulator: accumulator && textOf(accumulator),
    log: log.map(({ module, level, text }) => ({ module, level, text })),
    ended: ended && { code: ended.code, message: ended.message },
  };
}

function recordOf({ value, key, timestamp, headers }: TrialRecord): TestedRecord {
  return { value, text: textOf(value), key: key && textOf(key), timestamp, headers };
}
