import { type ErrorCode, MillraceError, type Where } from "../errors.ts";

/**
 * What to do with a record that fails for good: end the pipeline before it, leave it out and count it, or keep it with
 * its cause in the topic of dead letters.
 */
export type LastResort = "fail" | "skip" | "dead-letter";

/** To hand a record to the sink again that was refused, and what to do when that does not help. */
export interface RetryPolicy {
  /** How often a record is handed over in all, the first time included. */
  readonly attempts: number;
  /** Longest delay before the second attempt; it doubles with each further one. */
  readonly backoffMs: number;
  /** Longest delay of all. */
  readonly backoffMsMax: number;
  readonly lastResort: LastResort;
}

/** What to do with a record that fails. */
export type ErrorPolicy = LastResort | RetryPolicy;

export function lastResortOf(policy: ErrorPolicy): LastResort {
  return typeof policy === "string" ? policy : policy.lastResort;
}

/** A record that failed somewhere on its way. */
export interface FailedRecord {
  readonly stage: string;
  readonly by: string;
  readonly where: Where;
  readonly code: ErrorCode;
  readonly message: string;
}

/** The error that ends a pipeline whose policy is `fail`. @param attempts how often the records were handed over */
export function failureOf(record: FailedRecord, others: number, attempts = 1): MillraceError {
  const delivered =
    record.stage === "sink"
      ? "the others of its batch may arrive again"
      : "nothing of its batch was delivered";
  const more = others === 0 ? "" : ` (and ${others} more in the same batch)`;
  const often = attempts === 1 ? "" : ` in ${attempts} attempts`;
  return new MillraceError(
    record.code,
    `${record.stage} ${record.by} failed a record${more}${often}: ${record.message}`,
    {
      where: record.where,
      hint:
        "mend the record or the module, or set `onError: skip` to leave such records out or `onError: dead-letter` " +
        `to keep them aside; ${delivered}`,
    },
  );
}
