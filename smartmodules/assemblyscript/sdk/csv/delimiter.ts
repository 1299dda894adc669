import { refuse } from "../parameters/refusal";

/** The byte that stands between fields. What cannot be one makes the module refuse its parameters. */
export function delimiterOf(text: string): u8 {
  const unit = text.length == 1 ? text.charCodeAt(0) : 0;
  if (unit == 0 || unit > 0x7e || unit == 0x22 || unit == 0x0a || unit == 0x0d) {
    refuse(`a delimiter must be one character of ASCII and neither a quote nor a line break, not \`${text}\``);
  }
  return <u8>unit;
}
