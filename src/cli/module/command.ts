import type { Command } from "commander";
import { examples, jsonOption, modulesOption } from "../help.ts";
import type { Session } from "../session.ts";
import type { CreateOptions } from "./create.ts";
import type { InspectOptions } from "./inspect.ts";
import type { ModuleOptions } from "./stored-module.ts";

export function addModuleCommand(parent: Command, session: Session): void {
  const module = parent
    .command("module")
    .summary("keep modules by name, and look into them")
    .description(
      "Keeps SmartModules in a store, from which `uses:` of a config takes them by their names, and looks into modules.",
    )
    .addHelpText(
      "after",
      examples([
        ["millrace module create infinyon/jolt@0.4.1 --wasm-file jolt.wasm", "store one"],
        ["millrace module list", "what there is"],
        ["millrace module inspect filter.wasm", "what a module is"],
      ]),
    );
  addCreateCommand(module, session);
  addListCommand(module, session);
  addInspectTo(module, "millrace module inspect", session);
  addDeleteCommand(module, session);
}

function addCreateCommand(parent: Command, session: Session): void {
  parent
    .command("create")
    .summary("put a module into the store")
    .description(
      "Puts a module into the store, after it was checked that it can be run. A SmartModule.toml beside it, or the one that " +
        "--package names, says its name where none is given, and which parameters it needs.",
    )
    .argument("[name]", "NAME, GROUP/NAME or GROUP/NAME@VERSION")
    .requiredOption("--wasm-file <file>", "the built .wasm file")
    .option(
      "--package <file>",
      "its SmartModule.toml (default: the one beside the .wasm file, if there is one)",
    )
    .option("--replace", "take the place of a module of this name")
    .option("--dry-run", "check all of it, and store nothing")
    .option(...modulesOption)
    .option(...jsonOption)
    .addHelpText(
      "after",
      examples([
        ["millrace module create only-cats --wasm-file only_cats.wasm", "uses: only-cats"],
        ["millrace module create --wasm-file jolt.wasm --package SmartModule.toml", "with the name in there"],
        ["millrace module create only-cats --wasm-file only_cats.wasm --replace", "a new build"],
      ]),
    )
    .action(async (name: string | undefined, options: CreateOptions) => {
      const { createModule } = await import("./create.ts");
      session.settle(await createModule(name, options, session));
    });
}

function addListCommand(parent: Command, session: Session): void {
  parent
    .command("list")
    .summary("list the modules of the store")
    .description("Lists the modules of the store, with what each is and its hash.")
    .option(...modulesOption)
    .option(...jsonOption)
    .addHelpText("after", examples([["millrace module list", "what `uses:` can name"]]))
    .action(async (options: ModuleOptions) => {
      const { listModules } = await import("./list.ts");
      session.settle(await listModules(options, session));
    });
}

function addDeleteCommand(parent: Command, session: Session): void {
  parent
    .command("delete")
    .summary("take modules out of the store")
    .description("Takes modules out of the store. A pipeline that runs with one goes on with it.")
    .argument("<stored-module...>", "names with the group and version that they have")
    .option(...modulesOption)
    .option(...jsonOption)
    .addHelpText("after", examples([["millrace module delete infinyon/jolt@0.4.1", "one version of it"]]))
    .action(async (names: readonly string[], options: ModuleOptions) => {
      const { deleteModules } = await import("./delete.ts");
      session.settle(await deleteModules(names, options, session));
    });
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
        "module.yaml or a SmartModule.toml lies beside it, its sizes and hash, and what could be better about it; and where " +
        "it cannot be run, why.",
    )
    .argument("<module>", "the .wasm file, or the name of a module in the store")
    .option(
      "-e, --with <key=value>",
      "parameter to start it with; may be repeated",
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option(...modulesOption)
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
