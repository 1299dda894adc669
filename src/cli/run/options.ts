import type { ConfigOptions } from "../session.ts";

export interface RunCommandOptions extends ConfigOptions {
  readonly once?: boolean;
  readonly watch?: boolean;
}
