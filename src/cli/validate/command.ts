import type { Command } from "commander";
import { examples, jsonOption, modulesOption, secretsOption, topicsOption } from "../help.ts";
import type { ConfigOptions, Session } from "../session.ts";

export function addValidateCommand(parent: Command, session: Session): void {
  parent
    .command("validate")
    .summary("check a config and its modules")
    .description(
      "Checks a config, loads its modules and gives them their parameters, and prints what would run. No record is read.",
    )
    .argument("<config>", "YAML file of the pipeline")
    .option(...secretsOption)
    .option(...modulesOption)
    .option(...topicsOption)
    .option(...jsonOption)
    .addHelpText(
      "after",
      examples([
        ["millrace validate quakes.yaml", "show the stages and what is wrong"],
        ["millrace validate quakes.yaml --json", "the same for programs"],
      ]),
    )
    .action(async (config: string, options: ConfigOptions) => {
      const { validateConfig } = await import("./action.ts");
      session.settle(await validateConfig(config, options, session));
    });
}
