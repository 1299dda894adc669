import type { Command } from "commander";
import { examples, jsonOption } from "../help.ts";
import type { Session } from "../session.ts";
import type { InspectOptions } from "./inspect.ts";

export function addModuleCommand(parent: Command, session: Session): void {
  const module = parent
    .command("module")
    .summary("look into modules")
    .description("Looks into SmartModules.")
    .addHelpText("after", examples([["millrace module inspect filter.wasm", "what a module is"]]));
  addInspectTo(module, "millrace module inspect", session);
}

/** The same command under a shorter name. */
export function addInspectCommand(parent: Command, session: Session): void {
  addInspectTo(parent, "millrace inspect", session);
}

function addInspectTo(parent: Command, called: string, session: Session): void {
  parent
    .command("inspect")
    .summary("tell what a module is")
    .description(
      "Tells what a module is: its ABI and kind, what it takes and gives, what its imports get, its parameters where a " +
        "module.yaml lies beside it, its sizes and hash, and what could be better about it; and where it cannot be run, why.",
    )
    .argument("<file>", "the .wasm file")
    .option(
      "-e, --with <key=value>",
      "parameter to start it with; may be repeated",
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option(...jsonOption)
    .addHelpText(
      "after",
      examples([
        [`${called} filter.wasm`, "what a module is"],
        [`${called} filter.wasm --with level=error`, "one that does not start without parameters"],
        [`${called} filter.wasm --json | jq .result.kind`, "for programs"],
      ]),
    )
    .action(async (file: string, options: InspectOptions) => {
      const { inspectFile } = await import("./inspect.ts");
      session.settle(await inspectFile(file, options, session));
    });
}
