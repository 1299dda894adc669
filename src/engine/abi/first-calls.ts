import type { WasmInstance } from "../../base/index.ts";
import { ownExport } from "../rewrite/index.ts";

/** A call that makes an instance ready. */
interface FirstCall {
  /** Absent for the start function, which has no name. */
  readonly exported: string | undefined;
  readonly call: () => unknown;
}

/**
 * The calls that come before all others in the life of an instance, in their order: the start function, which the rewriter
 * has taken out of the binary so that it does not run unwatched, and the `_initialize` of a WASI reactor.
 */
export function firstCalls({ exports }: WasmInstance): readonly FirstCall[] {
  const calls: FirstCall[] = [];
  for (const [name, exported] of [
    [ownExport.start, undefined],
    ["_initialize", "_initialize"],
  ] as const) {
    const call = exports[name];
    if (typeof call === "function") calls.push({ exported, call: call as () => unknown });
  }
  return calls;
}
