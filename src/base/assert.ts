import { MillraceError } from "../errors.ts";

/** Guards what this code itself guarantees. A failure is a bug here, never the fault of input. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) {
    throw new MillraceError("internal.bug", `this should never happen: ${what}`, {
      hint: "please report it with the command and the config that led here",
    });
  }
}
