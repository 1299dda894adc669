export { type FunctionNames, readFunctionNames } from "./function-names.ts";
export { type InspectedModule, inspectModule } from "./inspect.ts";
export { loadModule, type Module, type ModuleParts, moduleOf, partsOf } from "./module.ts";
export {
  type ExportShape,
  type FunctionType,
  formatType,
  type ImportShape,
  type MemoryShape,
  type ModuleShape,
} from "./shape.ts";
