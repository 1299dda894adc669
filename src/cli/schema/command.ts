import { type Command, Option } from "commander";
import { examples, jsonOption } from "../help.ts";
import type { Session } from "../session.ts";
import type { SchemaOptions } from "./action.ts";
import { schemasOf } from "./of.ts";

export function addSchemaCommand(parent: Command, session: Session): void {
  parent
    .command("schema")
    .summary("print the JSON Schema of configs")
    .description(
      "Prints the JSON Schema (draft 2020-12) of a config, with all connectors or with one. An editor with a YAML " +
        "language server completes and checks a config that begins with `# yaml-language-server: $schema=<file>`.",
    )
    .argument("[connector]", "type of the one connector, such as http-source")
    .addOption(
      new Option("--of <what>", "of a config, of test files, or of what a command prints for programs")
        .choices([...schemasOf])
        .default("config"),
    )
    .option(...jsonOption)
    .addHelpText(
      "after",
      examples([
        ["millrace schema > millrace.schema.json", "for an editor"],
        ["millrace schema --of tests > millrace.tests.schema.json", "for test files"],
        ["millrace schema http-source | jq .allOf[1].then", "what one connector has"],
      ]),
    )
    .action(async (connector: string | undefined, options: SchemaOptions) => {
      const { printSchema } = await import("./action.ts");
      session.settle(await printSchema(connector, options));
    });
}
