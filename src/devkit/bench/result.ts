import type { Spread } from "./statistics.ts";

/** What was measured of one module and its settings, beside its speed. */
export interface MeasuredModule {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly abi: string;
  readonly kind: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly fuel: boolean;
}

/** How long a module takes that nothing is known of yet. */
export interface ColdStart {
  /** From bytes to a module that can be opened: checking, building limits in, compiling. */
  readonly compileMs: number;
  readonly instantiateMs: number;
  /** Of the first batch, with code that the platform has not optimised yet. */
  readonly firstBatchMs: number;
}

/** The memory of one instance that goes on and on. */
export interface MemoryPoint {
  readonly records: number;
  readonly guestBytes: number;
  /** Of the whole process, outside of modules' memories as well as inside. */
  readonly processBytes: number;
}

/** What one module took for one size of batches. Spreads are over rounds. */
export interface Figures {
  readonly recordsPerSecond: Spread;
  /** Megabytes of values. */
  readonly megabytesPerSecond: Spread;
  readonly nsPerRecord: Spread;
  /** Measured apart, with a clock in between. */
  readonly hostNsPerRecord: Spread;
  readonly guestNsPerRecord: Spread;
  /** Host and guest together, divided by the whole as it was measured without a clock in between; 1 where they agree. */
  readonly partsToWhole: number;
  /** Milliseconds of a batch. */
  readonly batchMs: {
    readonly p50: number;
    readonly p99: number;
    readonly p999: number;
    readonly max: number;
  };
  /** Shares of batches by their time, for a picture: each the time that the share is below of. */
  readonly batchQuantiles: readonly { readonly share: number; readonly ms: number }[];
  /** Of the first batch of a new instance of a module that is known already. */
  readonly firstBatchMs: Spread;
  readonly instantiateMs: Spread;
  readonly cold: ColdStart;
  /** Instructions; 0 without a meter. */
  readonly fuelPerRecord: number;
  /** Bytes moved into the module and out of it, for each byte of the values. */
  readonly copiesPerRecord: number;
  /** Of an instance at the end of its work. */
  readonly guestMemoryBytes: number;
  readonly memory: readonly MemoryPoint[];
  /** What became of the records of a pass. */
  readonly outcome: Outcome;
}

export interface Outcome {
  readonly records: number;
  readonly kept: number;
  readonly replaced: number;
  readonly expanded: number;
  readonly dropped: number;
  readonly failed: number;
  /** Instances that were given up, mostly after a trap. */
  readonly renewals: number;
}

/** How one is to another in speed: above 1, it is faster. The range holds the true ratio 95 times of 100. */
export interface SpeedRatio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

export type Verdict = "faster" | "slower" | "no difference";

export interface Comparison extends SpeedRatio {
  /** Index of the module that is compared with the first one. */
  readonly module: number;
  /** How often chance alone would give as much, with all comparisons of the call counted (Holm). */
  readonly pValue: number;
  readonly verdict: Verdict;
}

/** One size of batches and values. */
export interface MeasuredCase {
  readonly batchRecords: number;
  readonly valueBytes: number;
  readonly rounds: number;
  /** Batches that each module worked on in a round. */
  readonly batchesPerRound: number;
  /** Of each module, in the order of the modules. */
  readonly figures: readonly Figures[];
  /** The first module against itself in the same rounds. */
  readonly noise: SpeedRatio;
  /** A ratio that is not further from 1 than this is no difference. */
  readonly noiseFloor: number;
  readonly comparisons: readonly Comparison[];
}

export interface Measurement {
  readonly machine: {
    readonly node: string;
    readonly v8: string;
    readonly platform: string;
    readonly processor: string;
    readonly cores: number;
  };
  readonly modules: readonly MeasuredModule[];
  readonly cases: readonly MeasuredCase[];
  /** True where somebody ended it before all rounds were done. */
  readonly stopped: boolean;
}
