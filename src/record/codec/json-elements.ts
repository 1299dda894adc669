import { nearMiss, textOf, utf8 } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import { formatJsonPointer, parseJsonPointer } from "./json-pointer.ts";
import { endOfText, JsonScanner } from "./json-scanner.ts";

const openArray = 0x5b;
const openObject = 0x7b;
const backslash = 0x5c;
/** Keys looked at when a pointer leads nowhere, to find the one that was meant. */
const keysMax = 1000;
const keysShownMax = 10;

/** The elements of an array as they stand in the text: pairs (at, length). */
export interface JsonElements {
  readonly count: number;
  /** At least `count` pairs. */
  readonly spans: Uint32Array;
}

export interface JsonElementsOptions {
  readonly depthMax?: number;
}

/**
 * Finds the array at a JSON pointer and gives the span of each of its elements, without making values of them. The
 * whole text is checked, so that nothing is taken out of a text that breaks off further on. Where an object has a key
 * twice, the last one counts, as for `JSON.parse`. A byte order mark at the start is passed over.
 *
 * @throws MillraceError `json.invalid` with byte position, line and column when the text is not JSON or nested too deep
 * @throws MillraceError `json.pointer` when the pointer leads nowhere, to something else than an array, or is no
 * pointer
 */
export function findJsonElements(
  bytes: Uint8Array,
  pointer: string,
  options: JsonElementsOptions = {},
): JsonElements {
  const tokens = parseJsonPointer(pointer);
  if (tokens === undefined) {
    throw new MillraceError("json.pointer", `"${pointer}" is not a JSON pointer`, {
      hint: "a JSON pointer begins with a slash, such as /features or /data/items",
    });
  }
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return new ElementFinder(bytes, tokens, new JsonScanner(bytes, hasMark ? 3 : 0, options.depthMax)).run();
}

/** Where a pointer stopped: the value at `at` is what its first `level` tokens lead to. */
interface Miss {
  readonly level: number;
  readonly at: number;
}

class ElementFinder {
  readonly #bytes: Uint8Array;
  readonly #tokens: readonly string[];
  readonly #tokenBytes: readonly Uint8Array[];
  readonly #scanner: JsonScanner;
  #spans = new Uint32Array(2048);
  #count = 0;
  #miss: Miss | undefined;

  constructor(bytes: Uint8Array, tokens: readonly string[], scanner: JsonScanner) {
    this.#bytes = bytes;
    this.#tokens = tokens;
    this.#tokenBytes = tokens.map(utf8);
    this.#scanner = scanner;
  }

  run(): JsonElements {
    this.#find(0);
    this.#scanner.end();
    if (this.#miss !== undefined) throw this.#explain(this.#miss);
    return { count: this.#count, spans: this.#spans };
  }

  /** Moves over the value that the first `level` tokens lead to. */
  #find(level: number): void {
    const byte = this.#scanner.peek();
    const isTarget = level === this.#tokens.length;
    this.#miss = { level, at: this.#scanner.at };
    if (isTarget && byte === openArray) this.#take();
    else if (!isTarget && byte === openObject) this.#findMember(level);
    else if (!isTarget && byte === openArray) this.#findElement(level);
    else this.#scanner.value();
  }

  #findMember(level: number): void {
    const scanner = this.#scanner;
    scanner.enter(true);
    for (let isFirst = true; scanner.more(isFirst, true); isFirst = false) {
      const keyAt = scanner.key();
      if (this.#isKey(level, keyAt, scanner.keyEnd)) this.#find(level + 1);
      else scanner.value();
    }
  }

  #findElement(level: number): void {
    const scanner = this.#scanner;
    const token = this.#tokens[level] as string;
    const wanted = /^(0|[1-9]\d*)$/.test(token) ? Number(token) : -1;
    scanner.enter(false);
    for (let index = 0; scanner.more(index === 0, false); index++) {
      if (index === wanted) this.#find(level + 1);
      else scanner.value();
    }
  }

  #take(): void {
    const scanner = this.#scanner;
    this.#miss = undefined;
    this.#count = 0;
    scanner.enter(false);
    while (scanner.more(this.#count === 0, false)) {
      if (this.#count * 2 === this.#spans.length) {
        const larger = new Uint32Array(this.#spans.length * 2);
        larger.set(this.#spans);
        this.#spans = larger;
      }
      scanner.peek();
      const start = scanner.at;
      scanner.value();
      this.#spans[this.#count * 2] = start;
      this.#spans[this.#count * 2 + 1] = scanner.at - start;
      this.#count++;
    }
  }

  #isKey(level: number, quoteAt: number, end: number): boolean {
    const wanted = this.#tokenBytes[level] as Uint8Array;
    const start = quoteAt + 1;
    const escapeAt = this.#bytes.subarray(start, end).indexOf(backslash);
    if (escapeAt >= 0) return this.#textOfKey(quoteAt, end) === this.#tokens[level];
    return (
      end - start === wanted.length && wanted.every((byte, index) => this.#bytes[start + index] === byte)
    );
  }

  #textOfKey(quoteAt: number, end: number): string {
    return JSON.parse(textOf(this.#bytes.subarray(quoteAt, end + 1))) as string;
  }

  #explain({ level, at }: Miss): MillraceError {
    const pointer = formatJsonPointer(this.#tokens);
    const reached = level === 0 ? "the document" : formatJsonPointer(this.#tokens.slice(0, level));
    const kind = kindOf(this.#bytes[at]);
    if (level === this.#tokens.length) {
      return new MillraceError("json.pointer", `${reached} is ${kind}, not an array`, {
        hint: "point to the array whose elements are the records",
      });
    }
    const token = this.#tokens[level] as string;
    if (kind === "an object") {
      const keys = this.#keysAt(at);
      const near = nearMiss(token, keys);
      return new MillraceError("json.pointer", `${pointer} leads nowhere: ${reached} has no key "${token}"`, {
        hint:
          near === undefined
            ? keysHint(keys)
            : `did you mean ${formatJsonPointer([...this.#tokens.slice(0, level), near])}?`,
      });
    }
    const problem = kind === "an array" ? `is an array without an element "${token}"` : `is ${kind}`;
    return new MillraceError("json.pointer", `${pointer} leads nowhere: ${reached} ${problem}`);
  }

  #keysAt(at: number): string[] {
    const scanner = new JsonScanner(this.#bytes, at);
    const keys: string[] = [];
    scanner.enter(true);
    for (let isFirst = true; keys.length < keysMax && scanner.more(isFirst, true); isFirst = false) {
      const keyAt = scanner.key();
      keys.push(this.#textOfKey(keyAt, scanner.keyEnd));
      scanner.value();
    }
    return keys;
  }
}

function keysHint(keys: readonly string[]): string {
  if (keys.length === 0) return "the object has no keys at all";
  const shown = keys.slice(0, keysShownMax).join(", ");
  return `it has ${keys.length > keysShownMax ? `${shown} and more` : shown}`;
}

function kindOf(byte: number | undefined): string {
  switch (byte ?? endOfText) {
    case openObject:
      return "an object";
    case openArray:
      return "an array";
    case 0x22:
      return "a string";
    case 0x74:
    case 0x66:
      return "a boolean";
    case 0x6e:
      return "null";
    default:
      return "a number";
  }
}
