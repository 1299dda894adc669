import { MillraceError } from "../../../errors.ts";
import type { ModuleShape } from "../../module/shape.ts";
import { type FunctionType, formatType } from "../../module/shape.ts";
import type { Abi, TransformKind } from "../contract.ts";
import { refuseForeignImports } from "../imports.ts";
import { exportName } from "./layout.ts";
import { openPacked } from "./transform.ts";

const transformExports: Readonly<Record<string, TransformKind>> = {
  millrace_filter: "filter",
  millrace_map: "map",
  millrace_filter_map: "filter-map",
  millrace_array_map: "array-map",
  millrace_aggregate: "aggregate",
};

const nothingToI32: FunctionType = { parameters: [], results: ["i32"] };
const i32ToI32: FunctionType = { parameters: ["i32"], results: ["i32"] };
const twoI32ToI32: FunctionType = { parameters: ["i32", "i32"], results: ["i32"] };

/**
 * The packed ABI of a module that carries its mark, or undefined for other modules.
 * @throws MillraceError `module.abi`, `module.import` when it carries the mark but does not keep to the ABI
 */
export function recognizePacked(shape: ModuleShape, name: string): Abi | undefined {
  if (!shape.exports.some((item) => item.name === exportName.control)) return undefined;
  refuseForeignImports(shape, name);
  if (!shape.exports.some((item) => item.name === "memory" && item.kind === "memory")) {
    throw broken(name, "memory", "exports no memory under this name");
  }
  requireFunction(shape, name, exportName.control, nothingToI32);
  requireFunction(shape, name, exportName.reserve, twoI32ToI32);
  for (const optional of [exportName.init, exportName.lookBack]) {
    if (shape.exports.some((item) => item.name === optional))
      requireFunction(shape, name, optional, nothingToI32);
  }
  const transforms = shape.exports.filter((item) => Object.hasOwn(transformExports, item.name));
  const transform = transforms[0];
  if (transform === undefined || transforms.length > 1) {
    const found = transforms.map((item) => item.name).join(", ") || "none";
    throw broken(name, undefined, `must export exactly one transform (found: ${found})`);
  }
  requireFunction(shape, name, transform.name, i32ToI32);
  const kind = transformExports[transform.name] as TransformKind;
  return {
    name: "packed",
    kind,
    looksBack: shape.exports.some((item) => item.name === exportName.lookBack),
    open: (module, options) => openPacked(module, kind, transform.name, options),
  };
}

function requireFunction(shape: ModuleShape, module: string, name: string, wanted: FunctionType): void {
  const found = shape.exports.find((item) => item.name === name);
  if (found === undefined) throw broken(module, name, "is missing");
  if (found.kind !== "function") throw broken(module, name, `is a ${found.kind}, not a function`);
  if (found.type === undefined || formatType(found.type) !== formatType(wanted)) {
    const has = found.type === undefined ? "another type" : formatType(found.type);
    throw broken(module, name, `has the type ${has}, the ABI wants ${formatType(wanted)}`);
  }
}

function broken(module: string, exported: string | undefined, what: string): MillraceError {
  return new MillraceError("module.abi", `${module}${exported === undefined ? "" : `#${exported}`} ${what}`, {
    where: { module, export: exported },
    hint: "the exports of a packed module are listed in src/engine/abi/packed/layout.ts; the SDKs write them for you",
  });
}
