import { limits } from "../limits.ts";

/** What stands where a secret was. */
const mask = "***";
/** Longer values are looked for as they are and line by line, since each way of writing one makes the pattern longer. */
const spelledCharactersMax = 2048;
/** A line of a longer value that is so short may stand in any text. */
const lineCharactersMin = 8;

/**
 * Takes secrets out of texts that people or programs get to see. A value is found as it is, and as JSON, URLs and
 * terminals write it; so are the parts of a URL that say who asks, and the first half of a value that was cut off.
 */
export class Redactor {
  readonly #values = new Set<string>();
  #pattern: RegExp | undefined;

  /** @returns false for a value that is too short to be found without hiding half of every text */
  add(value: string): boolean {
    const text = value.trim();
    if (text.length < limits.secretCharactersMin.default) return false;
    if (!this.#values.has(text)) {
      for (const each of [text, ...linesOf(text), ...partsOfUrl(text)]) this.#values.add(each);
      this.#pattern = undefined;
    }
    return true;
  }

  get isIdle(): boolean {
    return this.#values.size === 0;
  }

  redact(text: string): string {
    if (this.isIdle) return text;
    this.#pattern ??= patternOf(this.#values);
    let redacted = text.replace(this.#pattern, mask);
    for (const value of this.#values) redacted = withoutBeginning(redacted, value);
    return redacted;
  }
}

function patternOf(values: Iterable<string>): RegExp {
  const longestFirst = [...values].toSorted((left, right) => right.length - left.length);
  return new RegExp(longestFirst.map(spellings).join("|"), "gu");
}

/** A value in all ways in which each of its characters can be written. */
function spellings(value: string): string {
  if (value.length > spelledCharactersMax) return escaped(value);
  return [...value].map(spellingsOf).join("");
}

function spellingsOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const encoded = [...new TextEncoder().encode(character)]
    .map((byte) => `%${anyCase(byte.toString(16).padStart(2, "0"))}`)
    .join("");
  const hex = code.toString(16);
  const ways = [encoded];
  if (character === " ") ways.push("\\+");
  if ('"\\/'.includes(character)) ways.push(`\\\\+${escaped(character)}`);
  const short = new Map([
    ["\n", "n"],
    ["\r", "r"],
    ["\t", "t"],
  ]).get(character);
  if (short !== undefined) ways.push(`\\\\+${short}`);
  if (code < 0x20 || code > 0x7e) {
    ways.push(`\\\\+x${anyCase(hex.padStart(2, "0"))}`, `\\\\+u${anyCase(hex.padStart(4, "0"))}`);
  }
  return `(?:${ways.join("|")}|${escaped(character)})`;
}

function anyCase(hex: string): string {
  return hex.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** Of a key or certificate, each line tells something. */
function linesOf(value: string): string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  return lines.length === 1 ? [] : lines.filter((line) => line.length >= lineCharactersMin);
}

/** What of a URL must not be seen where it is told in part: who asks, and what it asks with. */
function partsOfUrl(value: string): string[] {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value) || !URL.canParse(value)) return [];
  const { username, password, search, searchParams, pathname, href } = new URL(value);
  const parts = [href, username, password, search.slice(1), ...searchParams.values()];
  // Webhooks of chats and the like have their key in the path.
  parts.push(...pathname.split("/").filter((part) => part.length >= 16));
  return parts
    .flatMap((part) => [part, decoded(part)])
    .filter((part) => part.length >= limits.secretCharactersMin.default);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Takes away what a text that was cut off still tells of a value. */
function withoutBeginning(text: string, value: string): string {
  const told = Math.max(lineCharactersMin, Math.min(Math.ceil(value.length / 2), 24));
  if (value.length <= told) return text;
  const beginning = value.slice(0, told);
  let redacted = text;
  for (let at = redacted.indexOf(beginning); at !== -1; at = redacted.indexOf(beginning, at)) {
    let end = at + told;
    while (end < redacted.length && redacted[end] === value[end - at]) end++;
    redacted = redacted.slice(0, at) + mask + redacted.slice(end);
    at += mask.length;
  }
  return redacted;
}
