export type {
  Abi,
  Caretaker,
  ModuleLogLine,
  PartOfRecord,
  StateLoss,
  Transform,
  TransformCounts,
  TransformKind,
  WorldOptions,
} from "./abi/index.ts";
export { addCounts, noCounts, ShownInputs } from "./abi/index.ts";
export { type Chain, type ChainOptions, type ChainStep, openChain } from "./chain.ts";
export { type GuestLimits, guestLimits } from "./guest-limits.ts";
export {
  type ExportShape,
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
} from "./module/index.ts";
export { worldSeed } from "./wasi/world.ts";
