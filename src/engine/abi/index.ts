import { MillraceError } from "../../errors.ts";
import type { ModuleShape } from "../module/shape.ts";
import type { Abi } from "./contract.ts";
import { recognizeFluvio } from "./fluvio/recognize.ts";
import { versionPrefix } from "./packed/layout.ts";
import { recognizePacked } from "./packed/recognize.ts";

export type {
  Abi,
  Caretaker,
  ModuleLogLine,
  OpenOptions,
  PartOfRecord,
  StateLoss,
  Transform,
  TransformCounts,
  TransformKind,
  WorldOptions,
} from "./contract.ts";
export { addCounts, noCounts } from "./contract.ts";
export { type ImportUse, importUse } from "./import-use.ts";
export { ShownInputs } from "./shown-inputs.ts";

/**
 * The ABI that a module speaks, told from its imports and exports alone.
 * @throws MillraceError `module.abi` when it speaks none, or one it does not keep to; `module.import`
 */
export function abiOf(shape: ModuleShape, name: string): Abi {
  const abi = recognizePacked(shape, name) ?? recognizeFluvio(shape, name);
  if (abi !== undefined) return abi;
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
  throw new MillraceError(
    "module.abi",
    `${name} speaks no ABI that is known here; its exports are: ${names.join(", ") || "none"}`,
    {
      where: { module: name },
      hint:
        "a SmartModule exports millrace_packed_1 and a transform, as the README shows, or was built with the crate " +
        "fluvio-smartmodule",
    },
  );
}
