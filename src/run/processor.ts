import type { Logger } from "../base/index.ts";
import type { Isolation } from "../config/index.ts";
import { createInlineProcessor, type Processor } from "../pipeline/index.ts";
import { startGuestThread } from "./guest-thread/index.ts";
import { openSteps, type StepToOpen } from "./open-steps.ts";

/**
 * Opens the steps of a pipeline where its config wants them to run.
 * @throws MillraceError what opening them throws
 */
export async function openProcessor(
  isolation: Isolation,
  steps: readonly StepToOpen[],
  log: Logger,
): Promise<Processor> {
  // Without steps there is nothing that another thread could do.
  const isInline = isolation === "inline" || steps.length === 0;
  return isInline ? createInlineProcessor(await openSteps(steps, log)) : startGuestThread(steps, log);
}
