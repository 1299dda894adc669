import type { InputStream } from "./input/index.ts";
import type { Environment, OutputStream } from "./output/index.ts";

/** What a call of the program has around it. Tests bring their own. */
export interface World {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly environment: Environment;
  /** Hands over what takes the secrets of the configs that were read out of an error, in place, before the platform prints it. */
  onCrash?(redact: (error: unknown) => void): void;
  /**
   * A signal that aborts when the person or the system asks to stop. Commands that can end in good order ask for it;
   * until one does, an interrupt ends the process at once.
   */
  stopSignal(): AbortSignal;
  /** Has a listener told whenever the system asks to look at the config again. Absent where nobody asks that. */
  onReload?(listener: () => void): void;
}
