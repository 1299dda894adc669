/*
 * dedup: drops records that were there before.
 *
 *   by       what tells records apart: key, or value (when none of these three is given); or
 *   field    path of a JSON field, such as `id`; or
 *   fields   JSON: an array of paths, all of which must be the same
 *   count    how many kept records are remembered, the latest; 100000 when not given. Each takes 24 bytes, and 8 to 16 to be found
 *   age      a record is no duplicate of one that was kept this long before it or after it
 *   time     path of the field that says when a record happened, for `age`; without it the record's own time counts
 *   missing  what becomes of a record without the key or a field: keep (when not given), drop or fail
 *
 * Texts are compared by what they stand for, everything else by its text: 1 is not 1.0. A field that is null is there.
 *
 * Records are remembered by fingerprints of 128 bits; that two different ones have the same is not to be expected in the life of a machine.
 * With `lookback:`, a restart remembers what the pipeline's topic has: the records as they are there, after all steps of an inbound pipeline.
 */

import { JsonPaths, Parameters, Record } from "millrace/assemblyscript";
import { fingerprintHigh, fingerprintLow } from "millrace/assemblyscript/hash/fingerprint";
import { FingerprintTable } from "millrace/assemblyscript/hash/table";
import { RecordIdentity } from "millrace/assemblyscript/record/identity";
import { RecordTime } from "millrace/assemblyscript/record/time";
import { intervalMs } from "millrace/assemblyscript/state/interval";

const countUsual: i64 = 100000;
const countMost: i64 = 10000000;

/* For each kept record: its time, i64. */
const timeBytes: usize = 8;

export const stateful: bool = true;

const paths = new JsonPaths();
const kept = new FingerprintTable(timeBytes);
let identity = new RecordIdentity(new Parameters(), paths);
let time = new RecordTime(new Parameters(), paths);
let countMax: u32 = 0;
let ageMs: i64 = 0;
let missing = "keep";

export function init(parameters: Parameters): void {
  parameters.allow(RecordIdentity.parameters.concat(["count", "age", "missing", RecordTime.parameter]));
  identity = new RecordIdentity(parameters, paths);
  if (identity.isNothing) identity.useValue();
  time = new RecordTime(parameters, paths);
  countMax = <u32>parameters.integer("count", 1, countMost, countUsual);
  ageMs = intervalMs(parameters, "age");
  if (ageMs == 0 && parameters.has(RecordTime.parameter)) parameters.refuse("the parameter `time` belongs to `age`, which is not set");
  missing = parameters.oneOf("missing", ["keep", "drop", "fail"], "keep");
}

export function lookBack(record: Record): void {
  // Records of the topic may look different from those that come in; what cannot be read is no reason not to start.
  if (record.trySelect(paths) && identity.isIn(record) && (ageMs == 0 || time.tryRead(record))) remember(record);
}

export function filter(record: Record): bool {
  if (!record.select(paths)) return false;
  if (!identity.isIn(record)) {
    if (missing == "fail") record.fail("the record does not have what it is told apart by");
    return missing == "keep";
  }
  return (ageMs == 0 || time.read(record)) && remember(record);
}

/** False for a record that is remembered already. */
function remember(record: Record): boolean {
  identity.fingerprint(record);
  const before = kept.find(fingerprintLow, fingerprintHigh);
  const now = time.milliseconds;
  if (before != 0 && (ageMs == 0 || abs(now - load<i64>(before)) < ageMs)) return false;
  store<i64>(kept.addInPlaceOfOldest(fingerprintLow, fingerprintHigh, countMax), now);
  return true;
}
