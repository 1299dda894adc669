import type { Redactor } from "../base/index.ts";
import type { Outcome } from "./outcome.ts";
import type { LiveArea, Output } from "./output/index.ts";
import type { World } from "./world.ts";

/** Options that mean the same in every command that has them. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly topics?: string;
}

/** Options of commands that read a config. */
export interface ConfigOptions extends CommonOptions {
  /** File of secrets. */
  readonly secrets?: string;
  /** Folder of the modules that are called by name. */
  readonly modules?: string;
}

/** One call of the program, as commands see it. */
export interface Session {
  readonly world: World;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Messages and progress, on standard error. */
  readonly screen: LiveArea;
  /** Knows the secrets of the configs that were read, and takes them out of all that is told. */
  readonly redactor: Redactor;
  /** Takes what a command did, to be told when it has ended. */
  settle(outcome: Outcome): void;
}
