import type { CommonOptions } from "../session.ts";

export interface RunCommandOptions extends CommonOptions {
  readonly once?: boolean;
  readonly watch?: boolean;
}
