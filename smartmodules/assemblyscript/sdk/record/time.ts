import { JsonField } from "../json/field";
import { JsonPaths } from "../json/paths";
import { Parameters } from "../parameters/parameters";
import { isNoTime, parseTime } from "../text/time";
import { Record } from "./record";

/**
 * When a record happened: what a JSON field says that the user of a module names with the parameter `time`, or else the time that
 * the record came with.
 */
export class RecordTime {
  /** Name of the parameter that this reads. */
  static readonly parameter: string = "time";

  /** Milliseconds since 1970 of the record that was read last. */
  milliseconds: i64 = 0;
  private field: JsonField | null = null;

  /** @param paths gets the path of the field, and must be selected in a record before its time is read */
  constructor(parameters: Parameters, paths: JsonPaths) {
    if (parameters.has(RecordTime.parameter)) this.field = paths.add(parameters.required(RecordTime.parameter));
  }

  /** Reads the time of a record; false when it has none. */
  tryRead(record: Record): boolean {
    const field = this.field;
    if (field === null) {
      this.milliseconds = record.timestamp;
      return this.milliseconds >= 0;
    }
    if (field.isString) {
      const content = field.content;
      this.milliseconds = parseTime(content.at, content.length);
      return this.milliseconds != isNoTime;
    }
    const number = field.number;
    // What is below 2^53 is whole milliseconds, and everything that people mean.
    if (!(abs(number) < 9007199254740992)) return false;
    this.milliseconds = <i64>Math.floor(number);
    return true;
  }

  /** Like `tryRead`, but a record without a time fails. */
  read(record: Record): boolean {
    if (this.tryRead(record)) return true;
    const field = this.field;
    if (field === null) record.fail("the record has no time");
    else if (field.isMissing) record.fail("the record has no field for its time");
    else record.fail("the time must be milliseconds since 1970 or a text such as 2024-01-31T12:00:00Z, not " + field.raw.toString());
    return false;
  }
}
