/** What `validate --json` gives: what would run. */
export interface ValidationResult {
  readonly pipeline: string;
  readonly direction: "inbound" | "outbound";
  /** The connector, as in `meta.type`. */
  readonly type: string;
  readonly topic: string;
  /** Absolute path of the folder of the topics. */
  readonly topicFolder: string;
  /** Absolute path of the config. */
  readonly config: string;
  /** In the order in which records pass them. */
  readonly steps: readonly ValidatedStep[];
  /** What happens to records that the source or the sink refuses, in words. */
  readonly sourceOnError: string;
  readonly sinkOnError: string;
  /** Where dead letters go; null where no policy makes any. */
  readonly deadLetterTopic: string | null;
  readonly warnings: readonly { readonly where: string; readonly message: string }[];
  /** What Fluvio would refuse, ignore or do otherwise; null without --fluvio. */
  readonly fluvio: readonly ValidatedNote[] | null;
}

export interface ValidatedNote {
  readonly where: string;
  readonly effect: "refused" | "ignored" | "different";
  readonly message: string;
}

export interface ValidatedStep {
  readonly stage: string;
  readonly module: string;
  /** Of a module in a store; null where it has none. */
  readonly version: string | null;
  /** Absolute path of the module's file. */
  readonly file: string;
  readonly sha256: string;
  readonly kind: string;
  readonly abi: string;
  readonly onError: string;
}
