import { errorTextOf } from "../../../error-text.ts";
import type { WireReader } from "./reader.ts";

/*
 * What `init` hands over when a user's function refused the parameters, with the status -2 (Fluvio: InitOutput)
 *
 *   | length u16 | hint, UTF-8 bytes |
 */

/** @throws MillraceError `module.answer` */
export function readInitHint(reader: WireReader, memory: Uint8Array): string {
  const length = reader.text();
  return errorTextOf(memory, reader.at - length, length);
}
