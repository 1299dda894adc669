import { prepareWasi } from "../../wasi/wasi.ts";
import type { OpenableModule, OpenOptions, Transform } from "../contract.ts";
import { type ExportedTransform, inputVersionOf } from "./dialect.ts";
import { Instances } from "./instances.ts";
import { FluvioTransform } from "./transform.ts";

/**
 * Opens an instance of a module built for Fluvio and initialises it.
 * @throws MillraceError `module.trap`, `module.init`, `module.answer`; `module.wasi`
 */
export async function openFluvio(
  module: OpenableModule,
  transform: ExportedTransform,
  options: OpenOptions,
): Promise<Transform> {
  const wasi = await prepareWasi(module, options);
  const version = inputVersionOf(module, transform, wasi);
  const instances = new Instances(module, version, wasi, options);
  const opened = new FluvioTransform(module, transform, version, instances, options);
  const takesParameters = module.shape.exports.some((item) => item.name === "init");
  if (options.parameters.size > 0 && !takesParameters) {
    options.log?.({
      module: module.name,
      level: "warn",
      text:
        "it has no init; its parameters reach it only if it was built in 2021 or 2022, when modules read them with each " +
        "batch",
    });
  }
  return opened;
}
