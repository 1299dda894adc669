import { type JsonSchema, jsonSchemaOf } from "../../config/index.ts";
import { testReportSchema } from "./report-schema.ts";

/** The JSON Schema of what `millrace test --reporter json` prints. */
export function testReportJsonSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Report of Millrace tests",
    ...jsonSchemaOf(testReportSchema),
  } as JsonSchema;
}
