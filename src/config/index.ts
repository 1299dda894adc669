export {
  configSchema,
  connectorTypes,
  type JsonSchema,
  jsonSchemaOf,
  millraceKeys,
} from "./json-schema.ts";
export type { ConfigWarning, Isolation, Plan, StepPlan } from "./plan.ts";
export { type ReadPlan, readPlan } from "./read-plan.ts";
