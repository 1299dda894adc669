/* Names of three letters, one after another. */
// @ts-ignore: decorator
@lazy
export const monthNames = "JanFebMarAprMayJunJulAugSepOctNovDec";
// @ts-ignore: decorator
@lazy
export const weekdayNames = "SunMonTueWedThuFriSat";

/** Index of the name that stands at an address, in capital or small letters; -1 when none does. */
export function readName(names: string, at: usize, end: usize): i32 {
  if (end - at < 3) return -1;
  for (let i = 0; i < names.length; i += 3) {
    if (isLetter(at, names.charCodeAt(i)) && isLetter(at + 1, names.charCodeAt(i + 1)) && isLetter(at + 2, names.charCodeAt(i + 2))) {
      return i / 3;
    }
  }
  return -1;
}

function isLetter(at: usize, letter: i32): boolean {
  const byte = <i32>load<u8>(at);
  return (byte | 0x20) == (letter | 0x20) && (byte & 0x40) != 0;
}
