import type { Clock } from "../base/index.ts";
import type { Plan } from "../config/index.ts";
import { lookBackBatches, type PipelineStep, startOf } from "../pipeline/index.ts";
import type { Topic } from "../topic/index.ts";
import type { LoadedStep } from "./steps.ts";

/**
 * Shows each step that wants it the earlier records of the pipeline's topic: of an inbound one those that are at its end, of an outbound one those
 * before the place where it goes on.
 */
export function showEarlier(
  modules: readonly LoadedStep[],
  steps: readonly PipelineStep[],
  topic: Topic,
  { direction, consumer, start }: Plan,
  clock: Clock,
): void {
  modules.forEach(({ plan: { lookBack } }, index) => {
    const transform = steps[index]?.transform;
    if (lookBack === undefined || transform === undefined || !transform.looksBack) return;
    const bounds = topic.bounds();
    const before =
      direction === "inbound" ? bounds.next : (topic.consumerOffset(consumer) ?? startOf(start, bounds));
    for (const batch of lookBackBatches(topic, { ...lookBack, before, now: clock.now() })) {
      transform.lookBack(batch);
    }
  });
}
