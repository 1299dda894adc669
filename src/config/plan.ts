import type { Redactor } from "../base/index.ts";
import type { ConnectorSpec } from "../connector/index.ts";
import type { GuestLimits, WorldOptions } from "../engine/index.ts";
import type { Where } from "../errors.ts";
import type { ErrorPolicy, ErrorWindowSize, LastResort, LookBack } from "../pipeline/index.ts";
import type { StartOffset } from "../topic/index.ts";

/** Which stage of the pipeline a step belongs to; `transform` where the config uses Fluvio's one list. */
export type StepStage = "filter" | "shape" | "transform";

/** Where the modules of a pipeline run: in a thread of their own, or in that of the pipeline. */
export type Isolation = "thread" | "inline";

/** One module in a pipeline's chain. */
export interface StepPlan {
  readonly stage: StepStage;
  /** Absolute path of the module's file. */
  readonly modulePath: string;
  /** What the module is called: its file's name, or its name in a store without the version. */
  readonly moduleName: string;
  /** Of a module in a store, where it has one. */
  readonly moduleVersion: string | undefined;
  /** The hash that its bytes must have, where it is known. */
  readonly sha256: string | undefined;
  /** `with` as modules receive it: every value a text. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Those of them that hold a secret, as the config writes them. */
  readonly secretParameters: ReadonlyMap<string, string>;
  readonly onError: LastResort;
  readonly limits: GuestLimits;
  /** What an aggregate begins with when nothing was stored for it. */
  readonly accumulator: string | undefined;
  /** Earlier records that the module is shown before the first one. */
  readonly lookBack: LookBack | undefined;
  /** Whether the module keeps something from one record to a later one, where the config says so. */
  readonly stateful: boolean | undefined;
  /** Where the config names the module. */
  readonly where: Where;
}

/** What of a run is captured. */
export interface CapturePlan {
  /** Absolute path. */
  readonly file: string;
  /** Records before the first step. */
  readonly recordsMax: number;
  /** Size of the file. */
  readonly bytesMax: number;
  /** Share of the batches, above 0 and up to 1. */
  readonly share: number;
  /** Fields of private data. */
  readonly mask: readonly string[];
}

/** A config as plain data: checked, defaults filled in, paths absolute, steps in the order in which they run. */
export interface Plan {
  /** Name of the pipeline. */
  readonly name: string;
  /** Absolute path of the config file, and its folder. */
  readonly file: string;
  readonly folder: string;
  /** The config as it was written. */
  readonly text: string;
  readonly direction: "inbound" | "outbound";
  /** As in `meta.type`: `http-source`. */
  readonly type: string;
  readonly connector: ConnectorSpec;
  /** Checked by the connector's schema. */
  readonly settings: unknown;
  readonly extract: unknown;
  readonly topic: string;
  /** Name under which an outbound pipeline stores how far it has come. */
  readonly consumer: string;
  readonly start: StartOffset;
  /** False for an outbound pipeline that stores no position and begins at `start` in each run. */
  readonly keepsPosition: boolean;
  readonly steps: readonly StepPlan[];
  /** What to do with records that fail where nothing says otherwise. */
  readonly onError: ErrorPolicy;
  readonly onSourceError: LastResort;
  readonly onSinkError: ErrorPolicy;
  /** Where dead letters go; undefined where no policy makes any. */
  readonly deadLetterTopic: string | undefined;
  readonly errorWindow: ErrorWindowSize | undefined;
  /** Absolute path of the folder that keeps the topics, where the config names one. */
  readonly topicFolder: string | undefined;
  readonly isolation: Isolation;
  /** What of the world beside the records the modules see. */
  readonly world: WorldOptions;
  /** Wished size of a batch, and the most records that a source puts into one. */
  readonly batchBytes: number;
  readonly batchRecords: number;
  /** Batches that are between source and sink at once. */
  readonly framesInFlight: number;
  /** Takes the config's secrets out of all that is told of a run. */
  readonly redactor: Redactor;
  readonly capture: CapturePlan | undefined;
}

/** Something in a config that works but is probably not meant. */
export interface ConfigWarning {
  readonly where: Where;
  readonly message: string;
}
