import type { Command } from "commander";
import { examples, jsonOption, modulesOption, secretsOption, topicsOption } from "../help.ts";
import type { Session } from "../session.ts";
import type { ValidateOptions } from "./action.ts";

export function addValidateCommand(parent: Command, session: Session): void {
  parent
    .command("validate")
    .summary("check a config and its modules")
    .description(
      "Checks a config, loads its modules and gives them their parameters, and prints what would run. No record is read.",
    )
    .argument("<config>", "YAML file of the pipeline")
    .option("--fluvio", "also tell what Fluvio would refuse, ignore or do otherwise")
    .option(...secretsOption)
    .option(...modulesOption)
    .option(...topicsOption)
    .option(...jsonOption)
    .addHelpText(
      "after",
      examples([
        ["millrace validate quakes.yaml", "show the stages and what is wrong"],
        ["millrace validate quakes.yaml --fluvio", "whether Fluvio would run it, too"],
        ["millrace validate quakes.yaml --json", "the same for programs"],
      ]),
    )
    .action(async (config: string, options: ValidateOptions) => {
      const { validateConfig } = await import("./action.ts");
      session.settle(await validateConfig(config, options, session));
    });
}
