import type { Clock } from "../base/index.ts";
import type { Plan } from "../config/index.ts";
import { lookBackBatches, type Processor, startOf } from "../pipeline/index.ts";
import type { Topic } from "../topic/index.ts";

/**
 * Shows each step that wants it the earlier records of the pipeline's topic: of an inbound one those that are at its
 * end, of an outbound one those before the place where it goes on.
 */
export async function showEarlier(
  processor: Processor,
  topic: Topic,
  { direction, consumer, start, steps }: Plan,
  clock: Clock,
): Promise<void> {
  for (const [index, { lookBack }] of steps.entries()) {
    if (lookBack === undefined || processor.steps[index]?.looksBack !== true) continue;
    const bounds = topic.bounds();
    const before =
      direction === "inbound" ? bounds.next : (topic.consumerOffset(consumer) ?? startOf(start, bounds));
    const range = { ...lookBack, before, now: clock.now() };
    for (const batch of lookBackBatches(topic, range, processor.newBatch())) {
      await processor.lookBack(index, batch);
    }
  }
}
