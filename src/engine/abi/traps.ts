import { MillraceError } from "../../errors.ts";

/** After these an instance is in any state. */
export function isTrap(error: unknown): error is MillraceError {
  return MillraceError.is(error) && (error.code === "module.trap" || error.code === "module.fuel");
}

/** What it answers breaks its ABI: nothing else that it says or keeps is to be believed then. */
export function isNonsense(error: unknown): error is MillraceError {
  return MillraceError.is(error) && error.code === "module.answer";
}

/** After these an instance is given up. */
export function endsInstance(error: unknown): error is MillraceError {
  return isTrap(error) || isNonsense(error);
}

/** Why an instance was given up, as the beginning of a sentence about a module. */
export function whyGivenUp(error: MillraceError): string {
  return isNonsense(error) ? "what it answered broke its ABI" : "it trapped";
}

/** Why a record has failed, as people read it beside the module's name. */
export function reasonOf(trap: MillraceError, module: string): string {
  const reason = trap.message.slice(module.length + 1);
  return trap.code === "module.fuel"
    ? `${reason}; \`fuel-per-record\` under \`limits:\` says how much`
    : reason;
}

/** What the module kept matters, and there is no way to get it back. */
export function lostState(trap: MillraceError, hint: string): MillraceError {
  return new MillraceError(trap.code, trap.message, { where: trap.where, hint, cause: trap.cause });
}
