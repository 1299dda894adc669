import type { Command } from "commander";
import { examples, jsonOption, topicsOption } from "../help.ts";
import type { CommonOptions, Session } from "../session.ts";
import type { CreateOptions } from "./create.ts";
import type { DeleteOptions } from "./delete.ts";
import type { ProduceOptions } from "./produce.ts";

export function addCreateCommand(parent: Command, session: Session): void {
  parent
    .command("create")
    .summary("create a topic")
    .description("Creates an empty topic. An inbound pipeline makes its topic by itself.")
    .argument("<topic>", "name of the new topic: letters, digits, `.`, `_` and `-`")
    .option("--if-missing", "do nothing where the topic is there already, instead of failing")
    .option(...topicsOption)
    .option(...jsonOption)
    .addHelpText(
      "after",
      examples([
        ["millrace topic create orders", "a topic in .millrace of this folder"],
        ["millrace topic create orders --if-missing", "for scripts that run again"],
      ]),
    )
    .action(async (name: string, options: CreateOptions) => {
      const { createTopic } = await import("./create.ts");
      session.settle(await createTopic(name, options, session));
    });
}

export function addDeleteCommand(parent: Command, session: Session): void {
  parent
    .command("delete")
    .summary("delete a topic")
    .description(
      "Deletes a topic with its records, and with the positions of the pipelines and consumers on it. It asks first; " +
        "where nobody can be asked, it wants --yes. A topic that another process works on is not deleted.",
    )
    .argument("<topic>", "name of the topic")
    .option("-y, --yes", "do not ask")
    .option(...topicsOption)
    .option(...jsonOption)
    .addHelpText(
      "after",
      examples([
        ["millrace topic delete orders", "tell what would go, and ask"],
        ["millrace topic delete orders --yes", "for scripts"],
      ]),
    )
    .action(async (name: string, options: DeleteOptions) => {
      const { deleteTopic } = await import("./delete.ts");
      session.settle(await deleteTopic(name, options, session));
    });
}

export function addProduceCommand(parent: Command, session: Session): void {
  parent
    .command("produce")
    .summary("store records in a topic")
    .description(
      "Stores records in a topic: each line of standard input or of a file is one. Lines are stored as they come; " +
        "what is told is durable. On a terminal it asks for one record after another, until Ctrl-D.",
    )
    .argument("<topic>", "name of the topic")
    .option("-f, --file <file>", "file to read instead of standard input")
    .option("--raw", "the whole input is one record")
    .option("--key <text>", "key of every record")
    .option("--key-separator <text>", "what stands between the key and the value in each line")
    .option(...topicsOption)
    .option(...jsonOption)
    .addHelpText(
      "after",
      examples([
        ["millrace topic produce orders", "type records"],
        ["millrace topic produce orders --file orders.ndjson", "one record for each line of a file"],
        ["millrace topic produce orders --key-separator = < pairs.txt", "key=value"],
        ["curl -s $URL | millrace topic produce pages --raw", "the whole page as one record"],
      ]),
    )
    .action(async (name: string, options: ProduceOptions & CommonOptions) => {
      const { produceRecords } = await import("./produce.ts");
      session.settle(await produceRecords(name, options, session));
    });
}
