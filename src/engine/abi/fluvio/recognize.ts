import { MillraceError } from "../../../errors.ts";
import { type FunctionType, formatType, type ModuleShape } from "../../module/shape.ts";
import type { Abi, TransformKind } from "../contract.ts";
import { refuseForeignImports } from "../imports.ts";
import { openFluvio } from "./open.ts";

const copyRecords = "copy_records";

/** In the order in which Fluvio looks; it takes the first that is there. */
const transforms: readonly (readonly [string, TransformKind])[] = [
  ["filter", "filter"],
  ["map", "map"],
  ["filter_map", "filter-map"],
  ["array_map", "array-map"],
  ["aggregate", "aggregate"],
];

const threeI32ToI32: FunctionType = { parameters: ["i32", "i32", "i32"], results: ["i32"] };
/** Of modules from 2021. */
const twoI32ToI32: FunctionType = { parameters: ["i32", "i32"], results: ["i32"] };
const i32ToI32: FunctionType = { parameters: ["i32"], results: ["i32"] };
const twoI32ToNothing: FunctionType = { parameters: ["i32", "i32"], results: [] };

/**
 * The ABI of a module that was built for Fluvio, or undefined for other modules. Such a module imports `copy_records`, from a
 * module of any name.
 * @throws MillraceError `module.abi`, `module.import` when it does so but does not keep to the ABI
 */
export function recognizeFluvio(shape: ModuleShape, name: string): Abi | undefined {
  if (!shape.imports.some((item) => item.name === copyRecords && item.kind === "function")) return undefined;
  refuseForeignImports(shape, name, (item) => item.name === copyRecords);
  if (!shape.exports.some((item) => item.name === "memory" && item.kind === "memory")) {
    throw broken(name, "memory", "exports no memory under this name");
  }
  requireFunction(shape, name, "alloc", [i32ToI32]);
  if (has(shape, "dealloc")) requireFunction(shape, name, "dealloc", [twoI32ToNothing]);
  for (const optional of ["init", "look_back"]) {
    if (has(shape, optional)) requireFunction(shape, name, optional, [threeI32ToI32]);
  }
  const found = transforms.find(([exported]) => has(shape, exported));
  if (found === undefined) throw withoutTransform(shape, name);
  const [exported, kind] = found;
  const type = requireFunction(shape, name, exported, [threeI32ToI32, twoI32ToI32]);
  return {
    name: "fluvio",
    kind,
    looksBack: has(shape, "look_back"),
    open: (module, options) =>
      openFluvio(module, { kind, name: exported, argumentCount: type.parameters.length }, options),
  };
}

function has(shape: ModuleShape, name: string): boolean {
  return shape.exports.some((item) => item.name === name);
}

function withoutTransform(shape: ModuleShape, name: string): MillraceError {
  const wanted = transforms.map(([exported]) => exported).join(", ");
  if (has(shape, "join")) {
    return broken(name, "join", "is a transform that Fluvio had for a while, and that is not available here");
  }
  return broken(name, undefined, `is built for Fluvio, but exports none of its transforms: ${wanted}`);
}

function requireFunction(
  shape: ModuleShape,
  module: string,
  name: string,
  wanted: readonly FunctionType[],
): FunctionType {
  const found = shape.exports.find((item) => item.name === name);
  if (found === undefined) throw broken(module, name, "is missing");
  if (found.kind !== "function") throw broken(module, name, `is a ${found.kind}, not a function`);
  const { type } = found;
  const types = wanted.map(formatType);
  if (type !== undefined && types.includes(formatType(type))) return type;
  const has = type === undefined ? "another type" : formatType(type);
  throw broken(module, name, `has the type ${has}, Fluvio's ABI wants ${types.join(" or ")}`);
}

function broken(module: string, exported: string | undefined, what: string): MillraceError {
  return new MillraceError("module.abi", `${module}${exported === undefined ? "" : `#${exported}`} ${what}`, {
    where: { module, export: exported },
    hint: "a module for Fluvio is built with the crate fluvio-smartmodule, which writes its exports",
  });
}
