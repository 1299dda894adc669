import { recordArena } from "../memory/arena";
import { formatInteger, numberBytesMax } from "../number/format";
import { refuse } from "../parameters/refusal";
import { Slice } from "../text/slice";
import { day, floorDivide, month, msPerDay, msPerHour, msPerMinute, msPerSecond, openDay, weekdayOf, year } from "./calendar";
import { DateFields } from "./date-fields";
import { noDate } from "./date";
import { putDigits } from "./digits";
import { Directives, directive } from "./directives";
import { monthNames, weekdayNames } from "./names";
import { writeYear } from "./write";

/**
 * A form in which dates are written and read, as in `strftime`. Make it once, in `init` or where the module starts.
 *
 *     %Y  year, four digits          %H  hour, 00 to 23       %z  offset, as +0000; when reading also Z, +02:00, +02
 *     %m  month, 01 to 12            %M  minute               %s  seconds since 1970
 *     %d  day, 01 to 31              %S  second               %Q  milliseconds since 1970
 *     %e  day with a space in front  %L  milliseconds, 000 to 999
 *     %b  month, as Jan              %f  fraction of the second: written with 6 digits, read with 1 to 9
 *     %a  day of the week, as Mon    %F  the same as %Y-%m-%d, %T the same as %H:%M:%S, %% a percent sign
 *
 * Written is UTC. When reading, a date without %z is taken as UTC, what a format leaves out is that of 1970-01-01 at midnight, and
 * %s and %Q count before all others. Names are English and read in capital and small letters. The text must fit from end to end.
 */
export class DateFormat {
  private items: i32[];
  private fields: DateFields = new DateFields();
  /** Bytes that a date takes at most. */
  private bytesMax: usize = 0;

  /** A format that cannot be read makes the module refuse its parameters. */
  constructor(format: string) {
    const directives = new Directives(format);
    if (directives.problem.length > 0) refuse(`the date format \`${format}\` cannot be read: ${directives.problem}`);
    this.items = directives.items;
    for (let i = 0; i < this.items.length; i++) this.bytesMax += this.items[i] < directive ? 1 : numberBytesMax;
  }

  /** Writes milliseconds since 1970; the text is good until your function returns. */
  format(ms: i64): Slice {
    const at = recordArena.take(this.bytesMax);
    const days = floorDivide(ms, msPerDay);
    openDay(days);
    let to = at;
    for (let i = 0, count = this.items.length; i < count; i++) {
      const item = unchecked(this.items[i]);
      if (item < directive) store<u8>(to++, item);
      else to = write(item - directive, ms, days, to);
    }
    return Slice.at(at, <i32>(to - at));
  }

  /** Reads a date. Returns milliseconds since 1970, or `noDate` when the text does not have this form or is no date. */
  parse(text: Slice): i64 {
    const end = text.at + text.length;
    let at = text.at;
    this.fields.clear();
    for (let i = 0, count = this.items.length; i < count; i++) {
      const item = unchecked(this.items[i]);
      if (item >= directive) at = this.fields.read(item - directive, at, end);
      else at = at < end && load<u8>(at) == item ? at + 1 : 0;
      if (at == 0) return noDate;
    }
    return at == end ? this.fields.ms : noDate;
  }
}

function write(letter: i32, ms: i64, days: i64, to: usize): usize {
  const rest = ms - days * msPerDay;
  switch (letter) {
    case 0x59: // Y
      return writeYear(year, to);
    case 0x6d: // m
      return putDigits(month, 2, to);
    case 0x64: // d
      return putDigits(day, 2, to);
    case 0x65: // e
      if (day >= 10) return putDigits(day, 2, to);
      store<u8>(to, 0x20);
      return putDigits(day, 1, to + 1);
    case 0x48: // H
      return putDigits(rest / msPerHour, 2, to);
    case 0x4d: // M
      return putDigits((rest / msPerMinute) % 60, 2, to);
    case 0x53: // S
      return putDigits((rest / msPerSecond) % 60, 2, to);
    case 0x4c: // L
      return putDigits(rest % msPerSecond, 3, to);
    case 0x66: // f
      return putDigits((rest % msPerSecond) * 1000, 6, to);
    case 0x73: // s
      return formatInteger(floorDivide(ms, msPerSecond), to);
    case 0x51: // Q
      return formatInteger(ms, to);
    case 0x62: // b
      return writeName(monthNames, month - 1, to);
    case 0x61: // a
      return writeName(weekdayNames, weekdayOf(days), to);
    default: // z
      store<u8>(to, 0x2b);
      return putDigits(0, 4, to + 1);
  }
}

function writeName(names: string, index: i32, to: usize): usize {
  for (let i = 0; i < 3; i++) store<u8>(to + i, names.charCodeAt(index * 3 + i));
  return to + 3;
}
