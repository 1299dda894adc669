import type { JsonSchema } from "../../config/index.ts";
import type { FileReport } from "./report.ts";
import type { TestRunOptions } from "./run-file.ts";

export type { FileReport } from "./report.ts";
export type { TestReport } from "./report-schema.ts";
export type { TestRunOptions } from "./run-file.ts";

/**
 * Runs the tests of a file, one after another, each with modules of its own.
 * @throws MillraceError what is wrong with the file, the config or the modules it tests
 */
export async function runTestFile(file: string, options: TestRunOptions): Promise<FileReport> {
  // A trial of one module starts without configs, schemas and all that reads them.
  const testing = await import("./run-file.ts");
  return testing.runTestFile(file, options);
}

/** The JSON Schema of what `millrace test --reporter json` prints. */
export async function testReportJsonSchema(): Promise<JsonSchema> {
  return (await import("./report-json-schema.ts")).testReportJsonSchema();
}
