export {
  configSchema,
  connectorTypes,
  type JsonSchema,
  jsonSchemaOf,
  millraceKeys,
} from "./json-schema.ts";
export { type DescribedParameter, describedParameters } from "./module-description.ts";
export { readParametersFile } from "./parameters-file.ts";
export type { ConfigWarning, Isolation, Plan, StepPlan } from "./plan.ts";
export { type ReadPlan, readPlan } from "./read-plan.ts";
