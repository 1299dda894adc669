import type { CommonOptions } from "../session.ts";

/** How records are given on the command line, and to which module: the flags of Fluvio's `smdk test`. */
export interface ModuleTestOptions extends CommonOptions {
  readonly wasmFile?: string;
  readonly text?: string;
  readonly file?: string;
  readonly stdin?: boolean;
  readonly raw?: boolean;
  readonly key?: string;
  readonly keyValue?: boolean;
  readonly params?: readonly string[];
  readonly transforms?: string;
  readonly transformsFile?: string;
  readonly transformsLine?: readonly string[];
  readonly record?: readonly string[];
  readonly agedRecord?: readonly string[];
  readonly lookbackLast?: number;
  readonly lookbackAge?: string;
  readonly accumulator?: string;
  readonly verbose?: boolean;
  readonly modules?: string;
}
