/** Writes a number with a fixed count of digits, zeros in front, and returns the address after it. */
export function putDigits(value: i64, count: i32, to: usize): usize {
  for (let i = count - 1; i >= 0; i--) {
    store<u8>(to + i, 0x30 + <u8>(value % 10));
    value /= 10;
  }
  return to + count;
}

/** The number that a fixed count of digits stands for, 9 at most; -1 when not all of them are there. */
export function readDigits(at: usize, end: usize, count: i32): i32 {
  if (at > end || end - at < <usize>count) return -1;
  let value = 0;
  for (let i = 0; i < count; i++) {
    const digit = <u32>load<u8>(at + i) - 0x30;
    if (digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Address after the digits at a place. */
export function digitsEnd(at: usize, end: usize): usize {
  while (at < end && <u32>load<u8>(at) - 0x30 < 10) at++;
  return at;
}

/** The milliseconds of a fraction of a second that is given by its digits; what is finer is cut off. */
export function fractionMs(at: usize, end: usize): i32 {
  let ms = 0;
  let weight = 100;
  for (; at < end && weight > 0; at++) {
    ms += weight * (<i32>load<u8>(at) - 0x30);
    weight /= 10;
  }
  return ms;
}
