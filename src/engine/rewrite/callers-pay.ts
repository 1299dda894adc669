import { FunctionScan } from "./function-scan.ts";
import type { ScanKernel } from "./kernel/scan-kernel.ts";
import type { Survey } from "./survey.ts";

/** The code of a function of the module's own. */
export interface FunctionBody {
  readonly at: number;
  readonly end: number;
}

/** A longer function does enough for its own meter not to count. */
const bodyBytesMax = 512;

/**
 * Functions that have no meter: small ones without loops and calls, which change memory and globals at most and can only be
 * called by name. They cost the same each
 * time at most, and their callers pay that with the call.
 * @returns the cost by the index of the function among all, imported ones included
 */
export function functionsPaidByCallers(
  bytes: Uint8Array,
  survey: Survey,
  bodies: readonly FunctionBody[],
  kernel: ScanKernel | undefined,
): ReadonlyMap<number, number> {
  const costs = new Map<number, number>();
  const scan = new FunctionScan(bytes, () => undefined, kernel);
  bodies.forEach(({ at, end }, own) => {
    const index = survey.importedFunctionCount + own;
    if (end - at > bodyBytesMax || survey.reachable.has(index) || survey.start === index) return;
    scan.scan(at, end);
    if (!scan.hasLoop && !scan.hasCall && !scan.hasPayment && !scan.changesOtherState)
      costs.set(index, scan.cost);
  });
  return costs;
}
