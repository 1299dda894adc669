export {
  type ExpectedError,
  type ExpectedRecord,
  type MillraceMatchers,
  millraceMatchers,
  type Verdict,
  verify,
} from "./kit-matchers.ts";
export type { TestedInput, TestedRecord, TestedRecords } from "./kit-result.ts";
export {
  type GivenRecord,
  runTests,
  type TestModuleOptions,
  type TestPipelineOptions,
  testModule,
  testPipeline,
} from "./kit-run.ts";
export type { CaseReport, DiffLine, FileReport, Finding } from "./report.ts";
