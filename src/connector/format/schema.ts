import { z } from "zod";
import type { CsvOptions, JsonValuesOptions, LengthPrefix } from "../../record/index.ts";

/** How records stand in bytes that are read or written. */
export type Format =
  | { readonly kind: "lines" }
  | { readonly kind: "csv"; readonly options: CsvOptions }
  | { readonly kind: "json"; readonly options: JsonValuesOptions }
  | { readonly kind: "msgpack" }
  | { readonly kind: "length-prefixed"; readonly options: LengthPrefix };

const csvOptions = z.strictObject({
  delimiter: z
    .string()
    .regex(/^[\t\x20-\x7e]$/, "expected one character, such as `;` or a tab")
    .refine((text) => text !== '"', "a quote cannot separate fields")
    .default(",")
    .describe("Character between two fields, such as `;` or `\\t`."),
  header: z
    .boolean()
    .default(true)
    .describe(
      "True when the first row holds the names of the columns, as a source reads and a sink writes it.",
    ),
  columns: z
    .array(z.string())
    .min(1, "expected the name of a column")
    .refine((names) => new Set(names).size === names.length, "two columns have the same name")
    .optional()
    .describe(
      "Names of the columns. A source uses them in place of those of the header; a sink without them takes the keys " +
        "of the first record.",
    ),
});

const lengthPrefix = z.strictObject({
  bytes: z
    .union([z.literal([1, 2, 4, 8]), z.literal("varint")], "expected 1, 2, 4, 8 or `varint`")
    .default(4)
    .describe("Bytes of each length; `varint` for lengths in LEB128, as protobuf writes them."),
  order: z
    .enum(["big-endian", "little-endian"])
    .default("big-endian")
    .describe("Which byte of a length comes first: the highest or the lowest."),
});

const jsonOptions = z.strictObject({
  arrays: z
    .enum(["elements", "whole"])
    .default("elements")
    .describe(
      "What becomes of an array that is no part of a value: each element is a record, or the `whole` array is one.",
    ),
});

const ofLengthPrefix = z
  .strictObject({ "length-prefixed": lengthPrefix.describe("Records behind their lengths.") })
  .transform((given): Format => ({ kind: "length-prefixed", options: given["length-prefixed"] }));
const ofCsv = z
  .strictObject({ csv: csvOptions.describe("Rows of CSV (RFC 4180).") })
  .transform((given): Format => ({ kind: "csv", options: given.csv }));
const ofJson = z
  .strictObject({ json: jsonOptions.describe("JSON values one behind the other.") })
  .transform((given): Format => ({ kind: "json", options: given.json }));

/** The formats by name alone, with what each does unless it is told otherwise. */
const defaults = {
  lines: { kind: "lines" },
  csv: { kind: "csv", options: csvOptions.parse({}) },
  json: { kind: "json", options: jsonOptions.parse({}) },
  msgpack: { kind: "msgpack" },
  "length-prefixed": { kind: "length-prefixed", options: lengthPrefix.parse({}) },
} as const satisfies Record<string, Format>;

const readNames = z
  .enum(["lines", "csv", "json", "msgpack", "length-prefixed"])
  .transform((name): Format => defaults[name]);
const writtenNames = z
  .enum(["lines", "csv", "msgpack", "length-prefixed"])
  .transform((name): Format => defaults[name]);

/** What `millrace.extract` of a source can say of bytes. */
const readFormats = [readNames, ofCsv, ofJson, ofLengthPrefix] as const;

/** How a source that reads bytes takes records out of them; lines unless a config says otherwise. */
export const readFormat: z.ZodType<Format> = z
  .union(
    readFormats,
    "expected `lines`, `csv`, `json`, `msgpack` or `length-prefixed`, alone or with its settings",
  )
  .prefault("lines")
  .describe(
    "How records stand in what is read. `lines`: each line is a record. `csv`: each row becomes a JSON object of " +
      "texts with the names of the columns, or a JSON array where they have none. `json`: JSON values one behind the " +
      "other; of an array, each element. `msgpack`: MessagePack values, which become JSON: integers with all their " +
      'digits, binary as base64, timestamps as texts, other extensions as `{"ext":TYPE,"data":BASE64}`; a NaN, an ' +
      "infinity or a key that is neither text nor integer is refused. `length-prefixed`: records behind their lengths.",
  );

/** How a sink that writes bytes puts records into them; lines unless a config says otherwise. */
export const writtenFormat: z.ZodType<Format> = z
  .union(
    [writtenNames, ofCsv, ofLengthPrefix],
    "expected `lines`, `csv`, `msgpack` or `length-prefixed`, alone or with its settings",
  )
  .prefault("lines")
  .describe(
    "How records are put into what is written. `lines`: each record and a line feed; a record that holds one is " +
      "refused. `csv`: JSON objects become rows; null is an empty field, and an object with other keys than there are " +
      "columns is refused. `msgpack`: JSON becomes MessagePack; a number with more digits than 64 bits hold is refused. " +
      "`length-prefixed`: each record behind its length.",
  );
