import type { z } from "zod";
import type { Clock, Logger } from "../base/index.ts";
import type { Sink, Source } from "../pipeline/index.ts";
import type { Topic } from "../topic/index.ts";

export interface OpenTopicOptions {
  /** Makes the topic where it is not there. */
  readonly create?: boolean | undefined;
  /** Absolute path of the folder that keeps the topic; the pipeline's own store where it is absent. */
  readonly folder?: string | undefined;
}

/** What a connector may use of the pipeline around it. */
export interface ConnectorContext {
  /** Name of the pipeline, for messages. */
  readonly pipeline: string;
  /** Name of the pipeline's topic. */
  readonly topic?: string | undefined;
  /** Folder that relative paths of the config count from. */
  readonly folder: string;
  /** Ends after what is there now: one poll, the end of a file, a count. */
  readonly once: boolean;
  readonly log: Logger;
  readonly clock: Clock;
  /** Wished size of a reading, in bytes; the limit's default where nobody wishes anything. */
  readonly batchBytes?: number | undefined;
  /** Most records of a reading; the limit's default where nobody wishes fewer. */
  readonly batchRecords?: number | undefined;
  /** A number from 0 to below 1, for jitter; tests and simulations bring their own. */
  readonly random?: (() => number) | undefined;
  /**
   * Opens a topic other than the pipeline's own. Who runs the pipeline closes it.
   * @throws MillraceError `topic.name`, `topic.not-found`, `topic.store`, `topic.corrupt`; `topic.loop` for the
   * pipeline's own
   */
  openTopic(name: string, options?: OpenTopicOptions): Promise<Topic>;
}

/** Configs in YAML, by the end of the connector that they use. */
export interface ConnectorExample {
  readonly source?: string;
  readonly sink?: string;
}

/**
 * What a connector is, as data: its name, the schema of its settings and of the ways it takes records out of what it
 * reads, and the ends it has. The schema is the one source of validation, defaults, documentation and editor support,
 * so every key has a description. Ends are imported when they are first used.
 */
export interface ConnectorSpec<
  Settings = unknown,
  Extract = unknown,
  Packing = unknown,
  SinkSettings = Settings,
> {
  /** What `meta.type` begins with and what the config's section is called: `http` for `http-source` and `http:`. */
  readonly system: string;
  /** One sentence for lists and documentation. */
  readonly summary: string;
  /** A whole config for each end, as documentation shows it. */
  readonly example?: ConnectorExample;
  readonly settings: z.ZodType<Settings>;
  /** Schema of the settings of the sink, where they are others than those of the source. */
  readonly sinkSettings?: z.ZodType<SinkSettings>;
  /** Schema of `millrace.extract` for the source; absent where there is nothing to choose. */
  readonly extract?: z.ZodType<Extract>;
  /** Schema of `millrace.extract` for the sink, which packs records; absent where there is nothing to choose. */
  readonly packing?: z.ZodType<Packing>;
  // Methods, so that connectors of different settings fit into one list: the schema checks what the compiler cannot
  // know there.
  source?(settings: Settings, extract: Extract, context: ConnectorContext): Promise<Source>;
  sink?(settings: SinkSettings, packing: Packing, context: ConnectorContext): Promise<Sink>;
}

/** A connector of a user's own, for a file that a config names: the identity, which lets the compiler check it. */
export function defineConnector<Settings, Extract = undefined, Packing = undefined, SinkSettings = Settings>(
  spec: ConnectorSpec<Settings, Extract, Packing, SinkSettings>,
): ConnectorSpec<Settings, Extract, Packing, SinkSettings> {
  return spec;
}
