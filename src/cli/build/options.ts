import type { CommonOptions } from "../session.ts";

export interface BuildCommandOptions extends CommonOptions {
  readonly output?: string;
}
