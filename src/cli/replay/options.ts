import type { CommonOptions } from "../session.ts";

export interface ReplayCommandOptions extends CommonOptions {
  readonly module?: string;
  readonly at?: string;
  readonly with?: readonly string[];
  readonly modules?: string;
  readonly step?: boolean;
}
