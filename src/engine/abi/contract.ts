import type { CompiledModule } from "../../base/index.ts";
import type { Batch } from "../../record/index.ts";
import type { ModuleShape } from "../module/shape.ts";

/** What a module does to records. */
export type TransformKind = "filter" | "map";

export interface OpenOptions {
  /** Given to the module at init. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Milliseconds for the timings, from any origin. Without it nothing is timed. */
  readonly now?: (() => number) | undefined;
}

/** Sums over the life of a transform. Records in = kept + replaced + dropped + failed. */
export interface TransformCounts {
  batches: number;
  calls: number;
  records: number;
  kept: number;
  replaced: number;
  dropped: number;
  failed: number;
  /** Bytes moved into the guest, and bytes moved out of it. */
  bytesIn: number;
  bytesOut: number;
  /** Milliseconds spent moving in, in the module, and taking the answer back; 0 when nothing is timed. */
  copyInMs: number;
  guestMs: number;
  gatherMs: number;
}

/** One instance of a module, working on batches. Whatever it keeps from one to the next is its own. */
export interface Transform {
  readonly kind: TransformKind;
  readonly module: string;
  /** True when the module declares that it keeps something from one record to a later one. */
  readonly stateful: boolean;
  readonly counts: Readonly<TransformCounts>;
  /**
   * Runs the module over the batch's records in play; the survivors, changed or not, are in play afterwards, and
   * failed records are in the batch's failures.
   * @throws MillraceError `module.trap`, `module.answer`: the batch is spoiled then, its frame is not
   */
  process(batch: Batch): void;
}

/** One way for host and module to exchange a batch. */
export interface Abi {
  readonly name: "packed";
  readonly kind: TransformKind;
  /** Makes an instance, and runs the module's own initialisation with the parameters. */
  open(module: OpenableModule, options: OpenOptions): Promise<Transform>;
}

/** What an ABI needs of a loaded module. */
export interface OpenableModule {
  readonly name: string;
  readonly shape: ModuleShape;
  readonly compiled: CompiledModule;
}

export function noCounts(): TransformCounts {
  return {
    batches: 0,
    calls: 0,
    records: 0,
    kept: 0,
    replaced: 0,
    dropped: 0,
    failed: 0,
    bytesIn: 0,
    bytesOut: 0,
    copyInMs: 0,
    guestMs: 0,
    gatherMs: 0,
  };
}
