export {
  type Abi,
  addCounts,
  type Caretaker,
  type ImportUse,
  importUse,
  type ModuleLogLine,
  noCounts,
  type PartOfRecord,
  ShownInputs,
  type StateLoss,
  type Transform,
  type TransformCounts,
  type TransformKind,
  type WorldOptions,
} from "./abi/index.ts";
export { type Chain, type ChainOptions, type ChainStep, openChain } from "./chain.ts";
export { type GuestLimits, guestLimits } from "./guest-limits.ts";
export {
  type ExportShape,
  type FunctionNames,
  type FunctionType,
  formatType,
  type ImportShape,
  type InspectedModule,
  inspectModule,
  loadModule,
  type MemoryShape,
  type Module,
  type ModuleParts,
  type ModuleShape,
  moduleOf,
  partsOf,
  readFunctionNames,
} from "./module/index.ts";
export { worldSeed } from "./wasi/world.ts";
