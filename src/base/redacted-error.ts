import { MillraceError, type Where } from "../errors.ts";
import type { Redactor } from "./redactor.ts";

/** Causes of causes; what lies deeper is left out. */
const depthMax = 10;

/** What was thrown, without the secrets in its texts. */
export function redactedError(thrown: unknown, redactor: Redactor, depth = 0): unknown {
  if (redactor.isIdle) return thrown;
  if (depth > depthMax) return undefined;
  if (MillraceError.is(thrown)) {
    const { code, message, where, hint, problems, cause } = thrown;
    const redacted = new MillraceError(code, redactor.redact(message), {
      where: where && redactedWhere(where, redactor),
      hint: hint === undefined ? undefined : redactor.redact(hint),
      problems: problems.map((each) => redactedError(each, redactor, depth + 1)).filter(MillraceError.is),
      cause: cause === undefined ? undefined : redactedError(cause, redactor, depth + 1),
    });
    if (thrown.stack !== undefined) redacted.stack = redactor.redact(thrown.stack);
    return redacted;
  }
  if (thrown instanceof Error) {
    // An error of the platform: others may hold it, and none of them should tell more.
    thrown.message = redactor.redact(thrown.message);
    if (thrown.stack !== undefined) thrown.stack = redactor.redact(thrown.stack);
    if (thrown.cause !== undefined) thrown.cause = redactedError(thrown.cause, redactor, depth + 1);
    return thrown;
  }
  return typeof thrown === "string" ? redactor.redact(thrown) : thrown;
}

/** Takes the secrets out of an error that the platform is about to print, because nobody has caught it. */
export function redactInPlace(thrown: unknown, redactor: Redactor): void {
  const redacted = redactedError(thrown, redactor);
  if (redacted === thrown || !MillraceError.is(redacted) || !MillraceError.is(thrown)) return;
  const { message, stack, where, hint, problems, cause } = redacted;
  Object.assign(thrown, { message, stack, where, hint, problems, cause });
}

export function redactedWhere(where: Where, redactor: Redactor): Where {
  if (redactor.isIdle) return where;
  const entries = Object.entries(where).map(([key, value]) => [
    key,
    typeof value === "string" ? redactor.redact(value) : value,
  ]);
  return Object.fromEntries(entries) as Where;
}
