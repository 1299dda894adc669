import { z } from "zod";
import { limitsSchema } from "../guest-limits.ts";
import { durationSchema, sizeSchema } from "../schema/scalars.ts";

const textSchema = z.string("expected a text");
const fileSchema = z.string("expected the path of a file").min(1, "expected the path of a file");
const timeSchema = z
  .union([z.int(), z.iso.datetime({ offset: true })], "expected a time such as 2024-01-31T12:00:00Z")
  .describe("Milliseconds since 1970, or a time such as `2024-01-31T12:00:00Z`.");
const headersSchema = z.record(z.string(), textSchema);
const countSchema = z.int("expected a whole number").min(0);

/** The ways to write bytes, of which a value takes one. */
const bytesShape = {
  text: textSchema.optional().describe("The value as text."),
  json: z.unknown().optional().describe("The value as JSON, written in YAML or JSON."),
  hex: z
    .string()
    .regex(/^\s*([0-9a-f]{2}\s*)*$/i, "expected pairs of hexadecimal digits")
    .optional()
    .describe("The value as hexadecimal digits; blanks between pairs are left out."),
  base64: z.base64("expected base64").optional().describe("The value in base64."),
  file: fileSchema.optional().describe("A file with the value; a relative path counts from the test file."),
};

const recordShape = {
  ...bytesShape,
  key: textSchema.optional().describe("The key; a record has none where it is absent."),
  timestamp: timeSchema
    .optional()
    .describe("When it happened: milliseconds since 1970, or a time in ISO form."),
  headers: headersSchema.optional().describe("Headers of the record, names with texts."),
};

const valueWays = ["text", "json", "hex", "base64", "file"] as const;

/** Exactly one of some keys. */
function oneOf(ways: readonly string[], expected: string) {
  return (given: object): boolean | string =>
    ways.filter((way) => Object.hasOwn(given, way)).length === 1 || expected;
}

function refined<Shape extends z.ZodRawShape>(shape: Shape, ways: readonly string[], isNeeded = true) {
  const expected = `expected one of ${ways.join(", ")}`;
  const isRight = oneOf(ways, expected);
  return z
    .strictObject(shape)
    .refine(
      (given) => isRight(given) === true || (!isNeeded && ways.every((way) => !Object.hasOwn(given, way))),
      expected,
    );
}

const expectedWays = [...valueWays, "json-contains", "matches"] as const;

/** What is expected of one record that comes out. */
const expectedRecordSchema = z.union(
  [
    textSchema,
    refined(
      {
        ...bytesShape,
        "json-contains": z
          .unknown()
          .optional()
          .describe(
            "The value is JSON that has at least this: members of objects may be more, lists are whole.",
          ),
        matches: textSchema
          .optional()
          .describe("A regular expression that the value, as text, matches somewhere."),
        key: z.union([textSchema, z.null()]).optional().describe("The key; `null`: it has none."),
        timestamp: z
          .union([timeSchema, z.null()])
          .optional()
          .describe("When it happened; `null`: it does not say."),
        headers: headersSchema
          .optional()
          .describe("These headers are there with these texts, and no others."),
      },
      expectedWays,
      false,
    ),
  ],
  "expected a text, or a mapping with one of text, json, json-contains, matches, hex, base64, file",
);

const errorSchema = z.strictObject({
  code: textSchema.optional().describe("Code of the error, such as `module.record`."),
  text: textSchema.optional().describe("A part of its text."),
});

const fates = ["kept", "dropped", "failed"] as const;

/** What becomes of one input record. */
const expectSchema = z.union(
  [
    z.enum(fates),
    z.strictObject({ error: errorSchema.describe("It fails with this error.") }),
    z.array(expectedRecordSchema).describe("These records come out for it, in order."),
    expectedRecordSchema,
  ],
  'expected "kept", "dropped", "failed", a record, a list of records, or a mapping with error',
);

const inputSchema = z.union(
  [
    textSchema,
    refined(
      {
        ...recordShape,
        lines: fileSchema
          .optional()
          .describe("A file with a record on each line; a relative path counts from the test file."),
        expect: expectSchema
          .optional()
          .describe("What becomes of it: `kept`, `dropped`, `failed`, an error, or what comes out for it."),
      },
      [...valueWays, "lines"],
    ),
  ],
  "expected a text, or a mapping with one of text, json, hex, base64, file, lines",
);

const earlierSchema = z.union(
  [textSchema, refined(recordShape, valueWays)],
  "expected a text, or a mapping with one of text, json, hex, base64, file",
);

const parametersSchema = z.record(z.string(), z.unknown());

export const testCaseSchema = z.strictObject({
  name: z.string("expected a name").min(1, "expected a name").describe("What it shows, as a sentence."),
  with: parametersSchema
    .optional()
    .describe("Parameters of the module, in place of those at the top. Only for a module."),
  stage: z
    .enum(["filter", "shape", "transform"])
    .optional()
    .describe(
      "The one stage of the pipeline that runs; all of them where it is absent. Only for a pipeline.",
    ),
  accumulator: textSchema.optional().describe("What an aggregate begins with."),
  stateful: z.boolean().optional().describe("As `stateful:` of a step. Only for a module."),
  limits: limitsSchema.optional().describe("As `limits:` of a step. Only for a module."),
  "look-back": z
    .strictObject({
      last: countSchema.optional().describe("So many records. Only for a module."),
      age: durationSchema
        .optional()
        .describe("Records of this age and younger, counted from `now`. Only for a module."),
      records: z.array(earlierSchema).describe("Records that were there before, the oldest first."),
    })
    .optional()
    .describe("Earlier records, for modules that look back; a pipeline's steps say themselves how far."),
  now: timeSchema.optional().describe("What ages count from; the machine's clock where it is absent."),
  "batch-records": z
    .int("expected a whole number")
    .min(1)
    .optional()
    .describe("Most records of one batch; as many as a pipeline would take where it is absent."),
  input: z.array(inputSchema).default([]).describe("The records that go in, in order."),
  output: z
    .array(expectedRecordSchema)
    .optional()
    .describe("All records that come out, in order: texts, or mappings that say more."),
  count: countSchema.optional().describe("How many records come out."),
  errors: z
    .array(
      errorSchema.extend({
        record: z.int("expected a number from 1 on").min(1).describe("Number of the input record, from 1."),
      }),
    )
    .optional()
    .describe("The records that fail, and no others."),
  "start-error": errorSchema
    .optional()
    .describe("The modules do not start, or refuse the earlier records, with this error."),
  "end-error": errorSchema
    .optional()
    .describe("A module loses what it kept, and the pipeline would end with this error."),
  "accumulator-after": textSchema.optional().describe("What the last aggregate has added up in the end."),
  log: z.array(textSchema).optional().describe("Parts of lines that are logged, in this order."),
  "fuel-max": countSchema.optional().describe("Most instructions that all records take together."),
  "memory-max": sizeSchema.optional().describe("Most memory that the instance of a module has."),
  snapshot: z
    .boolean()
    .optional()
    .describe(
      "What comes out is kept beside the test file, and is the same the next time; `-u` takes it anew.",
    ),
});

export const testFileSchema = z.strictObject({
  module: fileSchema
    .optional()
    .describe(
      "The module that is tested; a relative path counts from the test file. Without it and `pipeline`, the .wasm file beside " +
        "the test file that has its name.",
    ),
  pipeline: fileSchema
    .optional()
    .describe("The config that is tested: its steps run, its source, its sink and its topic are left alone."),
  with: parametersSchema.optional().describe("Parameters of the module, for tests without their own."),
  tests: z.array(testCaseSchema).min(1).describe("The tests."),
});

export type GivenCase = z.infer<typeof testCaseSchema>;
export type GivenRecord = z.infer<typeof earlierSchema>;
export type GivenInput = z.infer<typeof inputSchema>;
export type GivenExpectation = z.infer<typeof expectedRecordSchema>;
export type GivenFate = z.infer<typeof expectSchema>;
export type GivenError = z.infer<typeof errorSchema>;
