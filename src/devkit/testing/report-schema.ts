import { z } from "zod";

const diffLine = z.strictObject({
  sign: z.enum(["-", "+", " "]).describe("`-`: expected; `+`: there; a blank: both."),
  text: z.string().describe("The line."),
});

const finding = z.strictObject({
  where: z.string().describe("Place of the expectation, `file:line:column`."),
  message: z.string().describe("What does not hold."),
  diff: z.array(diffLine).describe("How what is there differs; empty where the message says it all."),
});

const testCase = z.strictObject({
  name: z.string().describe("Name of the test."),
  where: z.string().describe("Where it is written, `file:line:column`."),
  passed: z.boolean().describe("Whether all that it expects holds."),
  findings: z.array(finding).describe("What does not hold; empty for a test that passed."),
  fuel: z.int().describe("Instructions that its records took, the same on each machine."),
  memoryBytesMax: z.int().describe("The most memory that an instance of a module had, in bytes."),
  durationMs: z.number().describe("Milliseconds that it took."),
  snapshot: z
    .enum(["written", "updated", "same", "other", "missing"])
    .nullable()
    .describe("What became of its snapshot; null where it has none."),
});

const error: z.ZodType = z.strictObject({
  code: z.string().describe("Code of the error, such as `config.invalid`."),
  message: z.string().describe("What is wrong."),
  where: z.string().optional().describe("Where."),
  hint: z.string().optional().describe("What to do."),
  problems: z
    .lazy(() => z.array(error))
    .optional()
    .describe("Where several things are wrong: each of them."),
});

/** What the tests of some files came to, as `millrace test --reporter json` prints it. Keys are only ever added. */
export const testReportSchema = z.strictObject({
  passed: z.int().describe("How many tests passed."),
  failed: z.int().describe("How many tests did not."),
  leftOut: z.int().describe("How many tests have other names than were asked for."),
  durationMs: z.number().describe("Milliseconds that all of it took."),
  files: z
    .array(
      z.strictObject({
        file: z.string().describe("The test file, as it was named or found."),
        error: error.nullable().describe("Why its tests could not run; null where they did."),
        tests: z.array(testCase).describe("Its tests, in the order of the file."),
      }),
    )
    .describe("The test files."),
});

export type TestReport = z.infer<typeof testReportSchema>;
