import type { CompiledModule } from "../../base/index.ts";
import type { ErrorCode } from "../../errors.ts";
import type { Batch } from "../../record/index.ts";
import type { GuestLimits } from "../guest-limits.ts";
import type { ModuleShape } from "../module/shape.ts";

/**
 * What a module does to records: a filter keeps or drops them, a map changes them, a filter-map does both, an array-map
 * makes any number out of each, an aggregate changes each with the help of what it adds up.
 */
export type TransformKind = "filter" | "map" | "filter-map" | "array-map" | "aggregate";

/** A line that a module logged. */
export interface ModuleLogLine {
  readonly module: string;
  readonly level: "error" | "warn" | "info" | "debug";
  readonly text: string;
}

/** What of the world beside the records a module sees. */
export interface WorldOptions {
  /** What gives a module its imports of WASI: the own back end where it is absent, or the package `@wasmer/wasi`. */
  readonly wasi?: "own" | "wasmer" | undefined;
  /** A clock that shows the time of the records, and random bytes from a seed, so that each run is the same. */
  readonly deterministic?: boolean | undefined;
}

export interface OpenOptions extends WorldOptions {
  /** Given to the module at init. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Which earlier records it will be shown, for a module that is told so. */
  readonly lookBack?: { readonly last?: number | undefined; readonly ageMs?: number | undefined } | undefined;
  /**
   * Whether the module keeps something from one record to a later one, where the user says so; it goes before what a packed
   * module says itself. One that does not is given up for a new instance whenever that helps; where a module of Fluvio's is
   * silent, only after a trap, with a warning; one that does is never replaced, unless it looks back.
   */
  readonly stateful?: boolean | undefined;
  /** Milliseconds for the timings, from any origin. Without it nothing is timed. */
  readonly now?: (() => number) | undefined;
  /** What an aggregate begins with; without it, with whatever the module itself begins with. */
  readonly accumulator?: Uint8Array | undefined;
  /** Told of every line that the module logs; without it they are dropped. */
  readonly log?: ((line: ModuleLogLine) => void) | undefined;
}

/**
 * Sums over the life of a transform. Records in = kept + replaced + expanded + dropped + failed; records out = kept +
 * replaced + emitted.
 */
export interface TransformCounts {
  batches: number;
  calls: number;
  records: number;
  kept: number;
  replaced: number;
  /** Records that an array-map made one or more of, and what it made of them. */
  expanded: number;
  emitted: number;
  dropped: number;
  failed: number;
  /** Instances that were given up for new ones, after a trap or nonsense, or for the size of their memory. */
  renewals: number;
  /** Fuel that was used on records, in instructions; 0 for a module without a meter. */
  fuel: number;
  /** Bytes moved into the guest, and bytes moved out of it. */
  bytesIn: number;
  bytesOut: number;
  /**
   * Milliseconds spent moving in, in the module, and taking the answer back, which counts with moving in where records go in
   * one by one; 0 when nothing is timed.
   */
  copyInMs: number;
  guestMs: number;
  gatherMs: number;
}

/**
 * What becomes of what a module has kept when another instance takes the place of the one that has it: nothing is lost; what
 * is lost is said in the log; or it matters, and so the instance may not be replaced.
 */
export type StateLoss = "none" | "told" | "fatal";

/** A record of a batch, whatever the steps before have made of it. */
export interface PartOfRecord {
  /** Index of the record in the batch's frame. */
  readonly origin: number;
  /** Which of the records that it was expanded to, from 0. */
  readonly part: number;
}

/**
 * Somebody who looks after a batch that has ended a thread. Its records go into the module one by one, so that it is
 * known which of them is in hand when the thread ends again.
 */
export interface Caretaker {
  /** Told before the module is called for a record. */
  begin(record: PartOfRecord): void;
  /** Told after the call, however it ended. */
  end(): void;
  /** Why a record is failed without a call; undefined for all others. */
  refusal(record: PartOfRecord): { readonly code: ErrorCode; readonly message: string } | undefined;
}

/** One instance of a module, working on batches. Whatever it keeps from one to the next is its own. */
export interface Transform {
  readonly kind: TransformKind;
  readonly module: string;
  /** True when the module keeps something from one record to a later one, or may do so for all that is known of it. */
  readonly stateful: boolean;
  /** True when it wants to see earlier records before the first one. */
  readonly looksBack: boolean;
  /** What would be lost with this instance; known after its initialisation and what it was shown of earlier records. */
  readonly stateLoss: StateLoss;
  readonly counts: Readonly<TransformCounts>;
  /** Size of its instance's memory, in bytes; memories never shrink, but a new instance begins anew. */
  readonly memoryBytes: number;
  /**
   * Runs the module over the batch's records in play; the survivors, changed or not, are in play afterwards, and
   * failed records are in the batch's failures. A record that makes the module trap, run out of fuel or answer with what breaks
   * its ABI is one of them.
   * @throws MillraceError `module.trap`, `module.fuel`, `module.answer` when what the module kept is lost by it, when no new
   * instance can be made, or when a call that is for no record has done it: the batch is spoiled then, its frame is not
   * @param caretaker of a batch that has ended a thread before
   */
  process(batch: Batch, caretaker?: Caretaker): void;
  /**
   * Shows it the batch's records in play as earlier ones. Called any number of times before the first `process`, oldest
   * records first; the batch stays as it is. Nothing happens when the module does not look back.
   * @throws MillraceError `module.look-back` when the module refuses to go on; `module.trap`, `module.fuel`, `module.answer`
   */
  lookBack(batch: Batch): void;
  /** What an aggregate has added up so far, as a copy; undefined for other kinds. */
  accumulator(): Uint8Array | undefined;
}

/** One way for host and module to exchange a batch. */
export interface Abi {
  readonly name: "packed" | "fluvio";
  readonly kind: TransformKind;
  /** True when the module wants to see earlier records before the first one. */
  readonly looksBack: boolean;
  /** Makes an instance, and runs the module's own initialisation with the parameters. */
  open(module: OpenableModule, options: OpenOptions): Promise<Transform>;
}

/** What an ABI needs of a loaded module. */
export interface OpenableModule {
  readonly name: string;
  readonly shape: ModuleShape;
  readonly compiled: CompiledModule;
  readonly limits: GuestLimits;
}

export function noCounts(): TransformCounts {
  return {
    batches: 0,
    calls: 0,
    records: 0,
    kept: 0,
    replaced: 0,
    expanded: 0,
    emitted: 0,
    dropped: 0,
    failed: 0,
    renewals: 0,
    fuel: 0,
    bytesIn: 0,
    bytesOut: 0,
    copyInMs: 0,
    guestMs: 0,
    gatherMs: 0,
  };
}

export function addCounts(one: Readonly<TransformCounts>, other: Readonly<TransformCounts>): TransformCounts {
  const total = noCounts();
  for (const name of Object.keys(total) as (keyof TransformCounts)[]) total[name] = one[name] + other[name];
  return total;
}
