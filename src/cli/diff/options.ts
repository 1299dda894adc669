import type { CommonOptions } from "../session.ts";

export interface DiffCommandOptions extends CommonOptions {
  readonly input?: string;
  readonly format?: string;
  readonly generate?: string;
  readonly seed?: number;
  readonly records?: number;
  readonly batchSize?: number;
  readonly with?: readonly string[];
  readonly withOld?: readonly string[];
  readonly withNew?: readonly string[];
  readonly modules?: string;
  readonly shown?: number;
  /** False: time is not measured. */
  readonly time: boolean;
  readonly duration?: number;
  readonly rounds?: number;
}
