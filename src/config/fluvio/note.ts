import type { Where } from "../../errors.ts";
import type { Path } from "../yaml/node.ts";

/**
 * What Fluvio makes of something in a config: it refuses the file, ignores the key without a word, or does something
 * else than Millrace.
 */
export interface FluvioNote {
  readonly where: Where;
  readonly effect: "refused" | "ignored" | "different";
  readonly message: string;
}

export type AddNote = (effect: FluvioNote["effect"], path: Path, message: string) => void;
