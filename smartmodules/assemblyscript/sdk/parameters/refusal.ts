import { hasErrorText, setErrorText } from "../abi/control";
import { bytesPerUnit, encodeText } from "../text/utf8";

let isReady: boolean = false;

/**
 * Notes why this module cannot work with its parameters; `millrace_init` then says so. The first reason counts. What goes wrong while the
 * module starts, before there are parameters, is noted in the same place; what goes wrong later, while it works on records, is a trap.
 */
export function refuse(reason: string): void {
  if (isReady) throw new Error(reason);
  if (hasErrorText()) return;
  const at = heap.alloc(<usize>reason.length * bytesPerUnit + 1);
  setErrorText(at, encodeText(reason, at));
}

/** Ends the time in which a module may refuse. True when it did not. */
export function accept(): boolean {
  isReady = !hasErrorText();
  return isReady;
}
