import { addToFingerprint, startFingerprint } from "../hash/fingerprint";
import { JsonEntries } from "../json/entries";
import { JsonField } from "../json/field";
import { JsonPath } from "../json/path";
import { JsonPaths } from "../json/paths";
import { JsonWriter } from "../json/writer";
import { Parameters } from "../parameters/parameters";
import { Slice } from "../text/slice";
import { Record } from "./record";

/* What a piece of a fingerprint is: texts are told from everything else, and both from what is not there. */
const isBytes: u32 = 0;
const isText: u32 = 1;
const isOther: u32 = 2;
const isMissing: u32 = 3;

const byNothing: i32 = 0;
const byKey: i32 = 1;
const byValue: i32 = 2;
const byFields: i32 = 3;

/**
 * What records are told apart by, as the user of a module sets it with the parameters `by` (`key` or `value`), `field` (a path) and
 * `fields` (a JSON array of paths), of which one at most may be set. Texts are told apart by what they stand for, other values by their text.
 */
export class RecordIdentity {
  /** Names of the parameters that this reads. */
  static readonly parameters: string[] = ["by", "field", "fields"];

  private mode: i32 = byNothing;
  private fields: JsonField[] = [];

  /** @param paths gets the paths of the fields, and must be selected in a record before the record's identity is looked at */
  constructor(parameters: Parameters, paths: JsonPaths) {
    let given = 0;
    if (parameters.has("by")) {
      given++;
      this.mode = parameters.oneOf("by", ["key", "value"], "") == "key" ? byKey : byValue;
    }
    if (parameters.has("field")) {
      given++;
      this.mode = byFields;
      this.fields.push(paths.add(parameters.required("field")));
    }
    if (parameters.has("fields")) {
      given++;
      this.mode = byFields;
      this.addAll(parameters, paths);
    }
    if (given > 1) parameters.refuse("of the parameters `by`, `field` and `fields` only one can be set");
  }

  private addAll(parameters: Parameters, paths: JsonPaths): void {
    const all = new JsonPath("$");
    const list = all.find(Slice.of(parameters.required("fields")));
    if (!list.isArray) parameters.refuse("the parameter `fields` must be a JSON array of paths");
    const entries = new JsonEntries();
    for (entries.open(list); entries.next(); ) {
      const path = entries.value.toString();
      if (!entries.value.isString) parameters.refuse(`the parameter \`fields\` has ${path} where a path in quotes should be`);
      else this.fields.push(paths.add(path));
    }
    if (this.fields.length == 0) parameters.refuse("the parameter `fields` names no field");
  }

  /** Nothing is set, so that all records are alike. */
  get isNothing(): boolean {
    return this.mode == byNothing;
  }

  /** Lets records be told apart by their values. */
  useValue(): void {
    this.mode = byValue;
  }

  /** Whether a record has all that it is told apart by. */
  isIn(record: Record): boolean {
    if (this.mode == byKey) return record.hasKey;
    const fields = this.fields;
    for (let i = 0, count = fields.length; i < count; i++) if (unchecked(fields[i]).isMissing) return false;
    return true;
  }

  /** Makes the fingerprint of what a record is told apart by; see hash/fingerprint. */
  fingerprint(record: Record): void {
    startFingerprint();
    if (this.mode == byValue) addToFingerprint(record.value.at, record.value.length, isBytes);
    else if (this.mode == byKey) {
      const key = record.key;
      addToFingerprint(key.at, key.length, record.hasKey ? isBytes : isMissing);
    } else {
      const fields = this.fields;
      for (let i = 0, count = fields.length; i < count; i++) {
        const field = unchecked(fields[i]);
        if (field.isMissing) addToFingerprint(0, 0, isMissing);
        else {
          const content = field.content;
          addToFingerprint(content.at, content.length, field.isString ? isText : isOther);
        }
      }
    }
  }

  /** Writes it as JSON: keys and values as texts, one field as it stands, several as an array; what is not there is null. */
  write(record: Record, output: JsonWriter): void {
    if (this.mode == byValue) output.text(record.value);
    else if (this.mode == byKey) {
      if (record.hasKey) output.text(record.key);
      else output.nullValue();
    } else if (this.fields.length == 1) output.raw(unchecked(this.fields[0]));
    else {
      output.beginArray();
      for (let i = 0, count = this.fields.length; i < count; i++) output.raw(unchecked(this.fields[i]));
      output.endArray();
    }
  }
}
