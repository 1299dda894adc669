import { type ErrorCode, MillraceError, type Where } from "../errors.ts";

/** What to do with a record that fails: end the pipeline before it, or leave it out and count it. */
export type ErrorPolicy = "fail" | "skip";

/** A record that failed somewhere on its way. */
export interface FailedRecord {
  readonly stage: string;
  readonly by: string;
  readonly where: Where;
  readonly code: ErrorCode;
  readonly message: string;
}

/** The error that ends a pipeline whose policy is `fail`. */
export function failureOf(record: FailedRecord, others: number): MillraceError {
  const delivered =
    record.stage === "sink"
      ? "the others of its batch may arrive again"
      : "nothing of its batch was delivered";
  const more = others === 0 ? "" : ` (and ${others} more in the same batch)`;
  return new MillraceError(
    record.code,
    `${record.stage} ${record.by} failed a record${more}: ${record.message}`,
    {
      where: record.where,
      hint: `mend the record or the module, or set \`onError: skip\` to leave such records out; ${delivered}`,
    },
  );
}
