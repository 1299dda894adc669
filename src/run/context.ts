import { type Logger, systemClock } from "../base/index.ts";
import type { ConnectorContext } from "../connector/index.ts";

export interface ContextOptions {
  readonly pipeline: string;
  readonly topic?: string;
  readonly folder: string;
  readonly once: boolean;
  readonly log: Logger;
  readonly batchBytes?: number;
  readonly batchRecords?: number;
}

/** What connectors get of a pipeline that runs in Node; topics beside its own come with the run. */
export function nodeContext(options: ContextOptions): Omit<ConnectorContext, "openTopic"> {
  return { ...options, clock: systemClock };
}
