/*
 * count-by: makes of each record a JSON object with the number of records of its group so far.
 *
 *   by       what makes a group: key or value of the record; or
 *   field    path of a JSON field, such as `user.id`; or
 *   fields   JSON: an array of paths. Without one of these three all records are one group.
 *   window   counts begin anew in each such stretch of time, such as 1m or 1h, counted from 1970 on
 *   time     path of the field that says when a record happened; without it the record's own time counts
 *   late     for how long after its end a window still counts records; as long as the window when not given
 *   groups   how many groups, in all open windows together, are counted at most; 10000 when not given
 *
 * The object is {"group": …, "window": …, "count": …}: the group as it stands in the record (an array for `fields`, null where there is
 * nothing), the start of its window in milliseconds since 1970, the count. What is not set is left out.
 *
 * How late it is, is what the latest record so far says. A record whose window is closed fails, and so does one that begins a group when there
 * are as many as may be: no count is ever wrong unseen. Groups are told apart by fingerprints of 128 bits. What was counted is in the
 * accumulator, at 32 bytes a group; a count of all records may begin with a number.
 */

import { Accumulator, JsonName, JsonPaths, Parameters, Record } from "millrace/assemblyscript";
import { Groups } from "millrace/assemblyscript/state/groups";

/* For each group: count i64. */
const countBytes: usize = 8;

/** A count that begins with more could not be told to readers of JSON exactly. */
const countMax: f64 = 9007199254740991;

const paths = new JsonPaths();
const countName = new JsonName("count");
let given = new Parameters();
let groups = new Groups(given, paths, countBytes, "");

export function init(parameters: Parameters): void {
  parameters.allow(Groups.parameters);
  given = parameters;
  groups = new Groups(parameters, paths, countBytes, "count");
}

export function restore(accumulator: Accumulator): void {
  if (groups.restore(accumulator, given)) return;
  const count = accumulator.bytes.toNumber();
  if (!groups.isOne) given.refuse("counts of groups or windows begin at nothing; leave `accumulator` out");
  else if (count != Math.floor(count) || abs(count) > countMax) given.refuse("the accumulator is no count: " + accumulator.text);
  else store<i64>(groups.beginOne(), <i64>count);
}

export function save(accumulator: Accumulator): void {
  groups.save(accumulator);
}

export function aggregate(record: Record, accumulator: Accumulator): void {
  if (!record.select(paths)) return;
  const at = groups.find(record);
  if (at == 0) return;
  const count = load<i64>(at) + 1;
  store<i64>(at, count);
  const output = record.output.beginObject();
  groups.write(record, output);
  output.name(countName).integer(count).endObject();
}
