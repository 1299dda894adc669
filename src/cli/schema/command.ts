import type { Command } from "commander";
import { examples, jsonOption } from "../help.ts";
import type { CommonOptions, Session } from "../session.ts";

export function addSchemaCommand(parent: Command, session: Session): void {
  parent
    .command("schema")
    .summary("print the JSON Schema of configs")
    .description(
      "Prints the JSON Schema (draft 2020-12) of a config, with all connectors or with one. An editor with a YAML " +
        "language server completes and checks a config that begins with `# yaml-language-server: $schema=<file>`. Or of what " +
        "`millrace bench --json` or `millrace inspect --json` print.",
    )
    .argument("[connector]", "type of the one connector, such as http-source; or bench, inspect")
    .option(...jsonOption)
    .addHelpText(
      "after",
      examples([
        ["millrace schema > millrace.schema.json", "for an editor"],
        ["millrace schema bench > bench.schema.json", "what a program reads"],
        ["millrace schema http-source | jq .allOf[1].then", "what one connector has"],
      ]),
    )
    .action(async (connector: string | undefined, options: CommonOptions) => {
      const { printSchema } = await import("./action.ts");
      session.settle(printSchema(connector, options));
    });
}
