import { type ErrorCode, MillraceError, type Where } from "../../errors.ts";

/** An error as it crosses from one thread to another: an error object alone would lose all but its text. */
export interface SentError {
  /** Absent for errors that are none of ours. */
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly where: Where | undefined;
  readonly hint: string | undefined;
  /** The cause, or the error itself where it is none of ours. */
  readonly cause: unknown;
}

export function sendableError(thrown: unknown): SentError {
  if (!MillraceError.is(thrown)) {
    const cause = thrown instanceof Error ? plain(thrown) : new Error(String(thrown));
    return { code: undefined, message: cause.message, where: undefined, hint: undefined, cause };
  }
  const { code, message, where, hint, cause } = thrown;
  return { code, message, where, hint, cause: cause instanceof Error ? plain(cause) : undefined };
}

/** The error as it was thrown in the other thread. */
export function receivedError({ code, message, where, hint, cause }: SentError): unknown {
  return code === undefined ? cause : new MillraceError(code, message, { where, hint, cause });
}

/** Errors may hold what cannot be sent; their text and their stack always can. */
function plain(error: Error): Error {
  const copy = new Error(error.message);
  copy.name = error.name;
  if (error.stack !== undefined) copy.stack = error.stack;
  return copy;
}
