import { escapeBytes, escapedBytesMax } from "./quote";
import { borrowedAt, borrowedLength, borrowText, slackBytes } from "../text/utf8";

/**
 * The name of a member in the form in which it is written, with quotes, escapes and colon. Made once, it is written for each record in one
 * step.
 *
 *     const place = new JsonName("place");
 *     …
 *     record.output.beginObject().name(place).raw(field).endObject();
 */
export class JsonName {
  /** Address of a comma, which is followed by the name. */
  readonly at: usize;
  /** Number of bytes, with the comma. */
  readonly length: i32;
  private bytes: ArrayBuffer;

  constructor(name: string) {
    borrowText(name);
    const bytes = new ArrayBuffer(<i32>(borrowedLength * escapedBytesMax + 4 + slackBytes));
    const at = changetype<usize>(bytes);
    store<u16>(at, 0x222c);
    const end = escapeBytes(borrowedAt, borrowedAt + borrowedLength, at + 2);
    store<u16>(end, 0x3a22);
    this.bytes = bytes;
    this.at = at;
    this.length = <i32>(end + 2 - at);
  }
}
