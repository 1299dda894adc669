import type { Measurement } from "../../devkit/index.ts";

/** What `bench --json` gives. */
export interface BenchResult extends Measurement {
  /** Files that were written; null where none was asked for. */
  readonly files: {
    readonly report: string | null;
    readonly profile: string | null;
    readonly flameGraph: string | null;
    readonly baseline: string | null;
  };
}
