import { hasErrorText, setErrorText } from "./control";

/** Long enough for a sentence and a place; nothing can be allocated when a module is at its end. */
const unitsMax: i32 = 300;
const buffer = memory.data(unitsMax * 3 + 64);

/**
 * What a failed assertion, an index out of range or a thrown error ends in. The compiler's own way out is an import, and modules have
 * none: this one leaves the message where a host finds it after the trap.
 */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  if (!hasErrorText()) {
    let length = append(message === null ? "aborted" : message, 0);
    if (file !== null) {
      length = append(" at ", length);
      length = append(file, length);
      length = appendNumber(line, length);
      length = appendNumber(column, length);
    }
    setErrorText(buffer, length);
  }
  unreachable();
}

function append(text: string, length: usize): usize {
  const units = min(text.length, (unitsMax * 3 - <i32>length) / 3);
  return length + String.UTF8.encodeUnsafe(changetype<usize>(text), units, buffer + length);
}

function appendNumber(value: u32, length: usize): usize {
  store<u8>(buffer + length++, 0x3a);
  let divisor: u32 = 1;
  while (value / divisor >= 10) divisor *= 10;
  for (; divisor != 0; divisor /= 10) store<u8>(buffer + length++, <u8>(0x30 + ((value / divisor) % 10)));
  return length;
}
