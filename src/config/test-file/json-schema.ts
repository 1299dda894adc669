import { type JsonSchema, jsonSchemaOf } from "../json-schema.ts";
import { testFileSchema } from "./schema.ts";

/** The JSON Schema of a test file, for editors; that a value is given in one way only is beyond it. */
export function testFileJsonSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Millrace tests",
    description: "Tests of a module or of a pipeline, for `millrace test`.",
    ...jsonSchemaOf(testFileSchema),
  } as JsonSchema;
}
