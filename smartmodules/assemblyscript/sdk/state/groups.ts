/*
 * Groups of records, each in its window of time, with what an aggregate keeps for them. They lie in memory just as they are stored, so that
 * handing them over after a call is one copy:
 *
 *     0   magic      u32   "MRG" and the version, 1
 *     4   entryBytes u32
 *     8   parameters u64   fingerprint of what decides what is counted
 *     16  latest     i64   latest time among the records so far; the least number before the first
 *     24  count      u32   number of entries
 *     28  0          u32
 *     32  count x { fingerprint low u64, high u64, start of the window i64, what the aggregate keeps }
 */

import {
  addNumberToFingerprint,
  addToFingerprint,
  fingerprintHigh,
  fingerprintLow,
  startFingerprint,
} from "../hash/fingerprint";
import { fingerprintBytes, FingerprintTable } from "../hash/table";
import { JsonName } from "../json/name";
import { JsonPaths } from "../json/paths";
import { JsonWriter } from "../json/writer";
import { formatInteger } from "../number/format";
import { Parameters } from "../parameters/parameters";
import { Accumulator } from "../record/accumulator";
import { RecordIdentity } from "../record/identity";
import { Record } from "../record/record";
import { RecordTime } from "../record/time";
import { Slice } from "../text/slice";
import { intervalMs, intervalStart } from "./interval";

/** The host stores no larger accumulator. */
const accumulatorBytesMax: usize = 1 << 20;

const magic: u32 = 0x0147524d;
const parametersPlace: usize = 8;
const latestPlace: usize = 16;
const countPlace: usize = 24;
const headBytes: usize = 32;
const windowBytes: usize = 8;

/** Room for a whole number, and what is copied with it. */
const windowText = memory.data(48);

const groupsUsual: i64 = 10000;

const groupName = new JsonName("group");
const windowName = new JsonName("window");

export class Groups {
  /** Names of the parameters that this reads. */
  static readonly parameters: string[] = RecordIdentity.parameters.concat([RecordTime.parameter, "window", "late", "groups"]);

  private identity: RecordIdentity;
  private time: RecordTime;
  private table: FingerprintTable;
  private keptBytes: usize;
  private windowMs: i64;
  private lateMs: i64;
  private groupsMax: u32;
  private latest: i64 = i64.MIN_VALUE;
  /** Windows that begin before this are closed. */
  private openFrom: i64 = i64.MIN_VALUE;
  private window: i64 = 0;
  private meaning: u64;
  private slice: Slice = new Slice();
  /** The text of a window, and the window. */
  private written: Slice = new Slice();
  private writtenWindow: i64 = 0;

  /** @param keptBytes what the aggregate keeps for a group; a multiple of 8  @param what says what the aggregate does with a group */
  constructor(parameters: Parameters, paths: JsonPaths, keptBytes: usize, what: string) {
    this.identity = new RecordIdentity(parameters, paths);
    this.time = new RecordTime(parameters, paths);
    this.table = new FingerprintTable(windowBytes + keptBytes, headBytes);
    this.keptBytes = keptBytes;
    this.windowMs = intervalMs(parameters, "window");
    const lateMs = parameters.durationMs("late", <f64>this.windowMs);
    this.lateMs = isNaN(lateMs) ? 0 : <i64>lateMs;
    const mostGroups = (accumulatorBytesMax - headBytes) / this.table.entryBytes;
    this.groupsMax = <u32>parameters.integer("groups", 1, mostGroups, groupsUsual);
    for (let i = 0; i < 2 && this.windowMs == 0; i++) {
      const name = i == 0 ? "late" : RecordTime.parameter;
      if (parameters.has(name)) parameters.refuse(`the parameter \`${name}\` belongs to \`window\`, which is not set`);
    }
    this.meaning = meaningOf(parameters, this.windowMs, what);
  }

  /** All records are one group, which never ends. */
  get isOne(): boolean {
    return this.identity.isNothing && this.windowMs == 0;
  }

  /** Address of what is kept for the group of a record, all 0 in the beginning; 0 for a record that has failed. Good until the next call. */
  find(record: Record): usize {
    if (this.windowMs != 0 && !this.enterWindow(record)) return 0;
    this.identity.fingerprint(record);
    if (this.windowMs != 0) addNumberToFingerprint(this.window);
    const present = this.table.find(fingerprintLow, fingerprintHigh);
    return present != 0 ? present + windowBytes : this.begin(record);
  }

  /** Address of what is kept for the one group of all records, which there is none of yet. */
  beginOne(): usize {
    startFingerprint();
    return this.add();
  }

  private begin(record: Record): usize {
    if (this.table.count >= this.groupsMax) {
      const shorter = this.windowMs == 0 ? "" : ", or shorten `window` or `late`";
      record.fail(`there are ${this.groupsMax} groups already, and this record begins another; raise \`groups\`${shorter}`);
      return 0;
    }
    return this.add();
  }

  private add(): usize {
    const at = this.table.add(fingerprintLow, fingerprintHigh);
    store<i64>(at, this.window);
    memory.fill(at + windowBytes, 0, this.keptBytes);
    return at + windowBytes;
  }

  /** Finds the window of a record, and closes those that are over. False for a record that is too late, or has no time. */
  private enterWindow(record: Record): boolean {
    if (!this.time.read(record)) return false;
    const time = this.time.milliseconds;
    // Most records are in the window of the one before, and a division takes longer than a look.
    if (<u64>(time - this.window) >= <u64>this.windowMs) this.window = intervalStart(time, this.windowMs);
    if (time > this.latest) this.advance(time);
    if (this.window >= this.openFrom) return true;
    record.fail(`the record of ${time} is late: a record of ${this.latest} has closed its window`);
    return false;
  }

  private advance(time: i64): void {
    this.latest = time;
    const openFrom = intervalStart(time - this.lateMs, this.windowMs);
    if (openFrom == this.openFrom) return;
    this.openFrom = openFrom;
    const table = this.table;
    let kept: u32 = 0;
    for (let i: u32 = 0; i < table.count; i++) {
      const entry = table.entryAt(i);
      if (load<i64>(entry + fingerprintBytes) < openFrom) continue;
      if (kept != i) memory.copy(table.entryAt(kept), entry, table.entryBytes);
      kept++;
    }
    if (kept != table.count) table.keepFirst(kept);
  }

  /** Writes the group and the window of the record that `find` was called for last, as members of an object. */
  write(record: Record, output: JsonWriter): void {
    if (!this.identity.isNothing) this.identity.write(record, output.name(groupName));
    if (this.windowMs == 0) return;
    // One window has many records, and writing a number of 13 digits takes longer than counting.
    if (this.window != this.writtenWindow || this.written.length == 0) {
      this.writtenWindow = this.window;
      this.written.set(windowText, <i32>(formatInteger(this.window, windowText) - windowText));
    }
    output.name(windowName).raw(this.written);
  }

  save(accumulator: Accumulator): void {
    const table = this.table;
    const head = table.at;
    store<u32>(head, magic);
    store<u32>(head, <u32>table.entryBytes, 4);
    store<u64>(head, this.meaning, parametersPlace);
    store<i64>(head, this.latest, latestPlace);
    store<u32>(head, table.count, countPlace);
    this.slice.set(head, <i32>table.length);
    accumulator.bytes = this.slice;
  }

  /** Takes over what `save` has stored; false when it is something else. */
  restore(accumulator: Accumulator, parameters: Parameters): boolean {
    const bytes = accumulator.bytes;
    const at = bytes.at;
    const table = this.table;
    if (<usize>bytes.length < headBytes || load<u32>(at) != magic) return false;
    const count = load<u32>(at, countPlace);
    if (load<u64>(at, parametersPlace) != this.meaning || load<u32>(at, 4) != <u32>table.entryBytes) {
      parameters.refuse(
        "what was added up so far has other groups, windows or numbers than these parameters; " +
          "set them as they were, or run the pipeline under another name to begin anew",
      );
    } else if (<usize>bytes.length != headBytes + <usize>count * table.entryBytes) {
      parameters.refuse("what was added up so far is not as long as it says");
    } else {
      memory.copy(table.makeRoom(count), at, bytes.length);
      table.keepFirst(count);
      this.latest = load<i64>(at, latestPlace);
      if (this.windowMs != 0 && this.latest != i64.MIN_VALUE) this.advance(this.latest);
    }
    return true;
  }
}

/** Counts that were made with parameters of another meaning must not be gone on with. */
function meaningOf(parameters: Parameters, windowMs: i64, what: string): u64 {
  startFingerprint();
  const names = RecordIdentity.parameters.concat([RecordTime.parameter]);
  for (let i = 0; i < names.length; i++) addText(parameters.has(names[i]) ? parameters.get(names[i]) : "\0");
  addText(what);
  addNumberToFingerprint(windowMs);
  return fingerprintLow;
}

function addText(text: string): void {
  const slice = Slice.of(text);
  addToFingerprint(slice.at, slice.length);
}
