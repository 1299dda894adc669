import { isUtf8 } from "node:buffer";
import { assert, textOf, utf8 } from "../../base/index.ts";
import type { Header, RecordView } from "../../record/index.ts";

export type RecordFormat = "value" | "key-value" | "json";

/**
 * One line of `topic consume --json`. Bytes that are UTF-8 are text; others are base64, and then the encoding says
 * so.
 */
export interface PrintedRecord {
  readonly offset: number;
  /** Milliseconds since 1970, or null. */
  readonly timestamp: number | null;
  /** Null where the record has no key, which is not the same as an empty one. */
  readonly key: string | null;
  readonly keyEncoding?: "base64";
  readonly value: string;
  readonly valueEncoding?: "base64";
  readonly headers: readonly PrintedHeader[];
}

export interface PrintedHeader {
  readonly name: string;
  readonly value: string;
  readonly valueEncoding?: "base64";
}

/** Large enough that a write costs little for each record, small enough that the first records appear at once. */
const chunkBytes = 64 * 1024;
const tab = utf8("\t");
const lineFeed = utf8("\n");
const nothing = new Uint8Array(0);

/** The records as lines, some at a time. What is yielded is the caller's; the records are borrowed until the end. */
export function* recordLines(records: Iterable<RecordView>, format: RecordFormat): Generator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let byteCount = 0;
  for (const record of records) {
    for (const part of lineOf(record, format)) {
      parts.push(part);
      byteCount += part.length;
    }
    if (byteCount >= chunkBytes) {
      yield Buffer.concat(parts, byteCount);
      parts = [];
      byteCount = 0;
    }
  }
  if (byteCount > 0) yield Buffer.concat(parts, byteCount);
}

function lineOf(record: RecordView, format: RecordFormat): readonly Uint8Array[] {
  if (format === "value") return [record.value, lineFeed];
  if (format === "key-value") return [record.key ?? nothing, tab, record.value, lineFeed];
  return [utf8(JSON.stringify(printedRecord(record))), lineFeed];
}

/** @param headers those to print, where they are not all that the record has */
export function printedRecord(
  record: RecordView,
  headers: readonly Header[] = record.headers,
): PrintedRecord {
  const { key, offset } = record;
  assert(offset !== undefined, "the records of a topic have offsets");
  const keyText = key === undefined ? undefined : printedBytes(key);
  const { text, encoding } = printedBytes(record.value);
  return {
    offset,
    timestamp: record.timestamp ?? null,
    key: keyText?.text ?? null,
    ...(keyText?.encoding === undefined ? {} : { keyEncoding: keyText.encoding }),
    value: text,
    ...(encoding === undefined ? {} : { valueEncoding: encoding }),
    headers: headers.map((header) => {
      const value = printedBytes(header.value);
      return {
        name: header.name,
        value: value.text,
        ...(value.encoding === undefined ? {} : { valueEncoding: value.encoding }),
      };
    }),
  };
}

function printedBytes(bytes: Uint8Array): { readonly text: string; readonly encoding?: "base64" } {
  // A byte order mark is UTF-8 too, but decoding would swallow it.
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  if (isUtf8(bytes) && !hasMark) return { text: textOf(bytes) };
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  return { text: base64, encoding: "base64" };
}
