/*
 * throttle: keeps so many records in each interval of time, and drops the rest.
 *
 *   count     how many records are kept in an interval
 *   interval  how long one is, such as 1s or 1m; intervals are counted from 1970 on, and do not overlap
 *   by        counts for each `key` or `value` of records by itself; or
 *   field     for each value of a JSON field, such as `user.id`; or
 *   fields    JSON: an array of paths, for all of them together
 *   time      path of the field that says when a record happened; without it the record's own time counts
 *   groups    how many counts are remembered, each of a group in an interval; 100000 when not given
 *
 * The first records of an interval are kept, in the order in which they come; a late record counts in the interval that it happened in. When there
 * are more groups than are remembered, the counts that began first are forgotten, and begin anew. A record without a time fails.
 *
 * With `lookback:`, a restart counts what the pipeline's topic has. Groups are told apart by fingerprints of 128 bits.
 */

import { JsonPaths, Parameters, Record } from "millrace/assemblyscript";
import { addNumberToFingerprint, fingerprintHigh, fingerprintLow } from "millrace/assemblyscript/hash/fingerprint";
import { FingerprintTable } from "millrace/assemblyscript/hash/table";
import { RecordIdentity } from "millrace/assemblyscript/record/identity";
import { RecordTime } from "millrace/assemblyscript/record/time";
import { intervalMs, intervalStart } from "millrace/assemblyscript/state/interval";

const groupsUsual: i64 = 100000;
const groupsMost: i64 = 10000000;
const countMost: i64 = 1000000000;

/* For each group in an interval: number of records that were kept, u64. */
const countBytes: usize = 8;

export const stateful: bool = true;

const paths = new JsonPaths();
const counts = new FingerprintTable(countBytes);
let identity = new RecordIdentity(new Parameters(), paths);
let time = new RecordTime(new Parameters(), paths);
let countMax: u64 = 0;
let lengthMs: i64 = 1;
let groupsMax: u32 = 0;

export function init(parameters: Parameters): void {
  parameters.allow(["count", "interval", "groups", RecordTime.parameter].concat(RecordIdentity.parameters));
  parameters.required("count");
  countMax = <u64>parameters.integer("count", 1, countMost, 1);
  parameters.required("interval");
  lengthMs = intervalMs(parameters, "interval");
  identity = new RecordIdentity(parameters, paths);
  time = new RecordTime(parameters, paths);
  groupsMax = <u32>parameters.integer("groups", 1, groupsMost, groupsUsual);
}

export function lookBack(record: Record): void {
  // Records of the topic may look different from those that come in; what cannot be read is no reason not to start.
  if (record.trySelect(paths) && time.tryRead(record)) count(record);
}

export function filter(record: Record): bool {
  return record.select(paths) && time.read(record) && count(record);
}

/** Counts a record; false when its interval has as many as it may. */
function count(record: Record): boolean {
  identity.fingerprint(record);
  addNumberToFingerprint(intervalStart(time.milliseconds, lengthMs));
  const present = counts.find(fingerprintLow, fingerprintHigh);
  const before = present == 0 ? 0 : load<u64>(present);
  if (before >= countMax) return false;
  const at = present == 0 ? counts.addInPlaceOfOldest(fingerprintLow, fingerprintHigh, groupsMax) : present;
  store<u64>(at, before + 1);
  return true;
}
