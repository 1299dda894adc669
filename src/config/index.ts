export {
  configSchema,
  connectorTypes,
  type JsonSchema,
  jsonSchemaOf,
  millraceKeys,
} from "./json-schema.ts";
export { type DescribedParameter, describedParameters } from "./module-description.ts";
export { readParametersFile } from "./parameters-file.ts";
export type { CapturePlan, ConfigWarning, Isolation, Plan, StepPlan } from "./plan.ts";
export { type ReadPlan, type ReadPlanOptions, readPlan } from "./read-plan.ts";
export { readSteps } from "./read-steps-file.ts";
export {
  type ErrorExpectation,
  type FateExpectation,
  type RecordExpectation,
  readTestFile,
  type TestCase,
  type TestFile,
  testFileJsonSchema,
  type ValueExpectation,
} from "./test-file/index.ts";
