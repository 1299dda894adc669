import { DateFormat, JsonField, JsonPaths, Slice } from "millrace/assemblyscript";

/* Kinds of parts. */
export const partText = 0;
export const partField = 1;
export const partValue = 2;
export const partKey = 3;
export const partHeader = 4;
export const partOffset = 5;
export const partTime = 6;

const headerPrefix = "header:";
const timePrefix = "timestamp:";

const backslash: i32 = 0x5c;
const quote: i32 = 0x22;

/** A part of a template: a text, or a placeholder. */
export class Part {
  kind: i32;
  /** What a text is. */
  text: Slice = Slice.of("");
  /** What people call a placeholder. */
  name: string = "";
  header: string = "";
  field: JsonField = new JsonField();
  format: DateFormat = new DateFormat("%FT%T.%LZ");
  /** A point in time that is written as a number. */
  isNumber: boolean = false;
  /** It stands in a JSON string. */
  isQuoted: boolean = false;

  constructor(kind: i32) {
    this.kind = kind;
  }
}

/** Takes a template apart. */
export class TemplateReader {
  readonly parts: Part[] = [];
  /** What is wrong with the template; empty when nothing is. */
  problem: string = "";
  /**
   * What JSON the template makes, with something as long in place of each placeholder that is allowed where any value is, and nowhere else:
   * an empty array, or within quotes letters that belong to no escape.
   */
  sample: string = "";
  private text: string = "";
  private isQuoted: boolean = false;
  private isJson: boolean;
  private fields: JsonPaths;

  constructor(template: string, isJson: boolean, fields: JsonPaths) {
    this.isJson = isJson;
    this.fields = fields;
    let at = 0;
    while (at < template.length && this.problem.length == 0) {
      if (template.slice(at, at + 3) == "\\{{") {
        this.text += "{{";
        this.sample += "z{{";
        at += 3;
      } else if (template.slice(at, at + 2) == "{{") at = this.readPlaceholder(template, at);
      else at = this.readText(template, at);
    }
    this.closeText();
  }

  private readText(template: string, at: i32): i32 {
    const unit = template.charCodeAt(at);
    // In JSON a backslash and the sign after it belong together, so that an escaped quote ends nothing.
    const length = this.isJson && this.isQuoted && unit == backslash ? 2 : 1;
    if (unit == quote) this.isQuoted = !this.isQuoted;
    this.addText(template.slice(at, at + length));
    return at + length;
  }

  private addText(text: string): void {
    this.text += text;
    this.sample += text;
  }

  private closeText(): void {
    if (this.text.length == 0) return;
    const part = new Part(partText);
    part.text = Slice.of(this.text);
    this.parts.push(part);
    this.text = "";
  }

  private readPlaceholder(template: string, at: i32): i32 {
    const end = template.indexOf("}}", at);
    const what = end < 0 ? "" : template.slice(at + 2, end).trim();
    if (end < 0) this.problem = `the placeholder at character ${at + 1} is not closed`;
    else if (what.length == 0) this.problem = `the placeholder at character ${at + 1} is empty`;
    if (this.problem.length > 0) return at;
    this.closeText();
    const part = this.partOf(what);
    part.isQuoted = this.isQuoted;
    this.parts.push(part);
    const length = end + 2 - at;
    this.sample += this.isQuoted ? "z".repeat(length) : "[" + "]".padStart(length - 1);
    return end + 2;
  }

  private partOf(what: string): Part {
    if (what == "value") return new Part(partValue);
    if (what == "key") return this.named(partKey, "key");
    if (what == "offset") return this.named(partOffset, "offset");
    if (what == "timestamp") return this.named(partTime, "timestamp");
    if (what.startsWith(headerPrefix)) return this.headerOf(what.slice(headerPrefix.length));
    if (!what.startsWith(timePrefix)) {
      const part = this.named(partField, `field ${what}`);
      part.field = this.fields.add(what);
      return part;
    }
    const part = this.named(partTime, "timestamp");
    const format = what.slice(timePrefix.length);
    part.format = new DateFormat(format);
    part.isNumber = format == "%s" || format == "%Q";
    return part;
  }

  private headerOf(name: string): Part {
    if (name.length == 0) this.problem = "the placeholder `header:` names no header";
    const part = this.named(partHeader, `header ${name}`);
    part.header = name;
    return part;
  }

  private named(kind: i32, name: string): Part {
    const part = new Part(kind);
    part.name = name;
    return part;
  }
}
