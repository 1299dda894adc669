import { type Command, Option } from "commander";
import { examples, jsonOption, topicsOption } from "../help.ts";
import type { CommonOptions, Session } from "../session.ts";
import { parseCount, parseWhole, wrongValue } from "../whole-number.ts";
import { addCreateCommand, addDeleteCommand, addProduceCommand } from "./change-commands.ts";
import type { ConsumeOptions } from "./consume.ts";
import type { StartPoint } from "./range.ts";

export function addTopicCommand(parent: Command, session: Session): void {
  const topic = parent
    .command("topic")
    .summary("create, list, fill, read and delete topics")
    .description("Creates, lists, fills, reads and deletes topics.")
    .addHelpText(
      "after",
      examples([
        ["millrace topic list", "what there is"],
        ["millrace topic consume quakes", "the records of one"],
        ["echo hello | millrace topic produce greetings", "store a record"],
      ]),
    );
  addCreateCommand(topic, session);
  addListCommand(topic, session);
  addProduceCommand(topic, session);
  addConsumeCommand(topic, session);
  addDeleteCommand(topic, session);
}

function addListCommand(parent: Command, session: Session): void {
  parent
    .command("list")
    .summary("list the topics")
    .description("Lists the topics with the offsets and the number of the records they keep.")
    .option(...topicsOption)
    .option(...jsonOption)
    .addHelpText(
      "after",
      examples([
        ["millrace topic list", "topics of .millrace in this folder"],
        ["millrace topic list --topics /var/lib/millrace", "topics of another folder"],
      ]),
    )
    .action(async (options: CommonOptions) => {
      const { listTopics } = await import("./list.ts");
      session.settle(await listTopics(options, session));
    });
}

function addConsumeCommand(parent: Command, session: Session): void {
  parent
    .command("consume")
    .summary("print the records of a topic")
    .description(
      "Prints the records of a topic, one per line, up to its present end. Values are printed as they are. Nothing is " +
        "remembered: each call begins where --from says.",
    )
    .argument("<topic>", "name of the topic")
    .option("--from <where>", "beginning, end, or an offset", parseStart, "beginning")
    .option("--count <n>", "end after this many records", parseCount)
    .option("--follow", "wait for more records at the end, until stopped")
    .addOption(
      new Option("--format <format>", "what is printed of a record")
        .choices(["value", "json"])
        .default("value"),
    )
    .option("--key-value", "print the key, a tab, and the value")
    .option(...topicsOption)
    .option("--json", "the same as --format json")
    .addHelpText(
      "after",
      examples([
        ["millrace topic consume quakes", "every record there is now"],
        ["millrace topic consume quakes --from 100 --count 5", "records 100 to 104"],
        ["millrace topic consume quakes --from end --follow", "records as they arrive"],
        ["millrace topic consume quakes --json | jq .offset", "records with key, timestamp and headers"],
      ]),
    )
    .action(async (name: string, options: ConsumeOptions) => {
      const { consumeTopic } = await import("./consume.ts");
      await consumeTopic(name, options, session);
    });
}

function parseStart(text: string): StartPoint {
  if (text === "beginning" || text === "end") return text;
  const offset = parseWhole(text);
  if (offset === undefined) throw wrongValue("--from", text, "beginning, end, or an offset such as 100");
  return offset;
}
