import type { Command } from "commander";
import { examples, jsonOption } from "../help.ts";
import type { Session } from "../session.ts";
import type { BuildCommandOptions } from "./options.ts";

export function addBuildCommand(parent: Command, session: Session): void {
  parent
    .command("build")
    .summary("build a module from AssemblyScript")
    .description(
      "Builds a SmartModule from AssemblyScript source, and prints its kind, its size and its hash.",
    )
    .argument("<source>", "AssemblyScript file of the module, or a folder with an index.ts")
    .option("-o, --output <file>", "file to write (default: the source's name with .wasm, beside it)")
    .option(...jsonOption)
    .addHelpText(
      "after",
      examples([
        ["millrace build filter.ts", "writes filter.wasm beside it"],
        ["millrace build src/filter.ts -o modules/filter.wasm", "writes somewhere else"],
      ]),
    )
    .action(async (source: string, options: BuildCommandOptions) => {
      const { buildSource } = await import("./action.ts");
      session.settle(await buildSource(source, options, session));
    });
}
