import { systemClock } from "../../../src/base/index.ts";
import type { ConnectorContext } from "../../../src/connector/index.ts";
import { RecordingLogger } from "./recording-logger.ts";

/** A context with a log that is kept, to be changed where a test needs something else. */
export function testContext<Changes extends Partial<ConnectorContext>>(
  changes: Changes,
): Omit<ConnectorContext, "log"> & Changes & { readonly log: RecordingLogger } {
  return {
    pipeline: "test",
    folder: "/nowhere",
    once: true,
    clock: systemClock,
    random: () => 0,
    openTopic: (name) => Promise.reject(new Error(`nobody opens the topic ${name} here`)),
    ...changes,
    log: new RecordingLogger(),
  };
}
