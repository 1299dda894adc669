import type { DescribedParameter } from "../../config/index.ts";
import type { Advice } from "../../devkit/index.ts";
import type { InspectedModule } from "../../engine/index.ts";
import type { ErrorData } from "../../errors.ts";

/** What `inspect --json` gives. */
export interface Inspection {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Null, as the kind is, where it cannot be run. */
  readonly abi: string | null;
  readonly kind: string | null;
  readonly looksBack: boolean | null;
  /** Null where it is not known: the module cannot be run, or does not start. */
  readonly stateful: boolean | null;
  /** Why it does not start with the parameters it was given. */
  readonly startProblem: ErrorData | null;
  /** From the module.yaml or SmartModule.toml that came with it; null where there is none. */
  readonly parameters: readonly DescribedParameter[] | null;
  /** With whether a module may have it, and what it gets. */
  readonly imports: readonly {
    readonly module: string;
    readonly name: string;
    readonly kind: string;
    readonly allowed: boolean;
    readonly use: string;
  }[];
  /** Functions with their type: `(i32) -> i32`. */
  readonly exports: readonly { readonly name: string; readonly kind: string; readonly type: string | null }[];
  /** Sizes in pages of 64 KiB; no most: as much as the platform has. */
  readonly memories: readonly { readonly pagesMin: number; readonly pagesMax: number | null }[];
  /** What its memories may have together when it runs here by default; null where it cannot be run. */
  readonly memoryBytesMax: number | null;
  readonly name: string | null;
  readonly producers: InspectedModule["producers"];
  readonly sections: readonly { readonly name: string; readonly bytes: number }[];
  /** Functions with code of their own, and how many of all functions the section `name` gives a name. */
  readonly functions: { readonly count: number; readonly named: number };
  /** What could be better about it. */
  readonly advice: readonly Advice[];
}
