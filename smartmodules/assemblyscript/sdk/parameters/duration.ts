import { parseNumber } from "../number/parse";
import { Slice } from "../text/slice";

/** Longer ones could not be counted exactly. */
const exactMsMax: f64 = 9007199254740991;

/**
 * Reads a duration as configs have it: whole numbers with units, added up, as in `1h 30m`, `12 s` or `100ms`; `m` is a minute and `M` a month.
 * The grammar is that of src/base/duration.ts. Returns milliseconds, or NaN when the text is no duration.
 */
export function parseDurationMs(text: string): f64 {
  let sum: f64 = 0;
  let at = skipSpace(text, 0);
  if (at == text.length) return NaN;
  while (at < text.length) {
    let digits = "";
    // Spaces within a number are skipped, as configs have it.
    for (; at < text.length && isDigit(text.charCodeAt(at)); at = skipSpace(text, at + 1)) digits += text.charAt(at);
    const from = at;
    while (at < text.length && isLetter(text.charCodeAt(at))) at++;
    if (digits.length == 0 || at == from) return NaN;
    const unitMs = msOf(text.slice(from, at));
    const slice = Slice.of(digits);
    sum += parseNumber(slice.at, slice.at + slice.length) * unitMs;
    at = skipSpace(text, at);
  }
  return sum > exactMsMax ? NaN : sum;
}

/** Milliseconds of a unit, or NaN. */
function msOf(unit: string): f64 {
  if (unit == "ns" || unit == "nsec" || unit == "nanos") return 1e-6;
  if (unit == "us" || unit == "\u00b5s" || unit == "usec" || unit == "micros") return 1e-3;
  if (unit == "ms" || unit == "msec" || unit == "millis") return 1;
  if (unit == "s" || unit == "sec" || unit == "secs" || unit == "second" || unit == "seconds") return 1000;
  if (unit == "m" || unit == "min" || unit == "mins" || unit == "minute" || unit == "minutes") return 60000;
  if (unit == "h" || unit == "hr" || unit == "hrs" || unit == "hour" || unit == "hours") return 3600000;
  if (unit == "d" || unit == "day" || unit == "days") return 86400000;
  if (unit == "w" || unit == "wk" || unit == "wks" || unit == "week" || unit == "weeks") return 604800000;
  if (unit == "M" || unit == "month" || unit == "months") return 2630016000;
  if (unit == "y" || unit == "yr" || unit == "yrs" || unit == "year" || unit == "years") return 31557600000;
  return NaN;
}

function isDigit(unit: i32): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function isLetter(unit: i32): boolean {
  const lower = unit | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || unit == 0xb5;
}

function skipSpace(text: string, at: i32): i32 {
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** What JavaScript takes for white space. */
function isSpace(unit: i32): boolean {
  if (unit < 0x80) return unit == 0x20 || (unit >= 0x09 && unit <= 0x0d);
  if (unit >= 0x2000 && unit <= 0x200a) return true;
  return unit == 0xa0 || unit == 0x1680 || unit == 0x2028 || unit == 0x2029 || unit == 0x202f || unit == 0x205f || unit == 0x3000 || unit == 0xfeff;
}
