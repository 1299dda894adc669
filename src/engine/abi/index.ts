import { MillraceError } from "../../errors.ts";
import type { ModuleShape } from "../module/shape.ts";
import type { Abi } from "./contract.ts";
import { versionPrefix } from "./packed/layout.ts";
import { recognizePacked } from "./packed/recognize.ts";

export type {
  Abi,
  ModuleLogLine,
  OpenOptions,
  Transform,
  TransformCounts,
  TransformKind,
} from "./contract.ts";

/**
 * The ABI that a module speaks, told from its imports and exports alone.
 * @throws MillraceError `module.abi` when it speaks none, or one it does not keep to; `module.import`
 */
export function abiOf(shape: ModuleShape, name: string): Abi {
  const packed = recognizePacked(shape, name);
  if (packed !== undefined) return packed;
  const names = shape.exports.map((item) => item.name);
  if (names.some((item) => item.startsWith(versionPrefix))) {
    throw new MillraceError(
      "module.abi",
      `${name} was built for a version of the packed ABI that this Millrace does not know`,
      {
        where: { module: name },
        hint: "this version knows millrace_packed_1; build the module again with the SDK of this version",
      },
    );
  }
  const fluvio = shape.imports.some((item) => item.name === "copy_records");
  throw new MillraceError(
    "module.abi",
    `${name} speaks no ABI that is known here; its exports are: ${names.join(", ") || "none"}`,
    {
      where: { module: name },
      hint: fluvio
        ? "this is a Fluvio SmartModule; this version of Millrace runs modules of its own ABI only"
        : "a SmartModule exports millrace_packed_1 and a transform; the README shows how to build one",
    },
  );
}
