import { MillraceError } from "../../errors.ts";
import type { ImportShape, ModuleShape } from "../module/shape.ts";
import { preview1Names } from "../wasi/functions.ts";
import { wasiModule } from "../wasi/wasi.ts";

/**
 * Lets a module import functions of WASI preview1, and what its ABI has, and nothing else.
 * @param isOfAbi whether an import is one that the ABI gives
 * @throws MillraceError `module.import` with all that it may not have
 */
export function refuseForeignImports(
  shape: ModuleShape,
  name: string,
  isOfAbi: (item: ImportShape) => boolean = () => false,
): void {
  const foreign = shape.imports.filter(
    (item) => item.kind !== "function" || !(isWasi(item) || isOfAbi(item)),
  );
  if (foreign.length === 0) return;
  const list = foreign.map((item) => `${item.module}.${item.name}`);
  throw new MillraceError(
    "module.import",
    `${name} imports ${list.join(", ")}, but a module gets no imports beside its ABI's and WASI's`,
    { where: { module: name, export: list[0] }, hint: hintFor(list) },
  );
}

function isWasi({ module, name }: ImportShape): boolean {
  return module === wasiModule && preview1Names.includes(name);
}

function hintFor(list: readonly string[]): string {
  if (list.includes("env.abort")) {
    return "AssemblyScript imports env.abort unless it is built with `--use abort=`; `millrace build` does that";
  }
  return list.some((each) => each.startsWith("wasi_unstable.") || each.startsWith("wasi:"))
    ? "build it for wasm32-wasip1: other versions of WASI are not there for modules"
    : "build it without these imports; files, network and environment are not there for modules";
}
