export { testFileJsonSchema } from "./json-schema.ts";
export { readTestFile } from "./read.ts";
export type {
  ErrorExpectation,
  FateExpectation,
  RecordExpectation,
  TestCase,
  TestFile,
  ValueExpectation,
} from "./test-file.ts";
