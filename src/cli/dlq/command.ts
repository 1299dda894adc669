import type { Command } from "commander";
import { examples, jsonOption, modulesOption, secretsOption, topicsOption } from "../help.ts";
import type { CommonOptions, Session } from "../session.ts";
import { offsetParser, parseCount } from "../whole-number.ts";
import type { DropOptions } from "./drop.ts";
import type { ReplayOptions } from "./replay.ts";
import type { ShowOptions } from "./show.ts";

/** Enough letters to see what is wrong, few enough for a screen. */
const shownCount = 10;

export function addDlqCommand(parent: Command, session: Session): void {
  const dlq = parent
    .command("dlq")
    .summary("look at dead letters and replay them")
    .description(
      "Works on dead letters: records that failed under `onError: dead-letter`, kept with their causes in topics of " +
        "their own, which are called like their pipeline with -dead-letters behind it.",
    )
    .addHelpText(
      "after",
      examples([
        ["millrace dlq list", "what failed, and how often"],
        ["millrace dlq show orders-in-dead-letters", "the records and why they failed"],
        ["millrace dlq replay orders-in-dead-letters --config orders.yaml", "try them again"],
      ]),
    );
  addListCommand(dlq, session);
  addShowCommand(dlq, session);
  addReplayCommand(dlq, session);
  addDropCommand(dlq, session);
}

function addListCommand(parent: Command, session: Session): void {
  parent
    .command("list")
    .summary("list the topics of dead letters")
    .description(
      "Lists the topics of dead letters, how many letters they hold, and the most frequent causes.",
    )
    .option(...topicsOption)
    .option(...jsonOption)
    .addHelpText("after", examples([["millrace dlq list", "what failed, and how often"]]))
    .action(async (options: CommonOptions) => {
      const { listLetters } = await import("./list.ts");
      session.settle(await listLetters(options, session));
    });
}

function addShowCommand(parent: Command, session: Session): void {
  parent
    .command("show")
    .summary("print dead letters")
    .description("Prints dead letters: why and where each record failed, and the record as it was before.")
    .argument("<topic>", "name of the topic of dead letters")
    .option("--offset <offset>", "begin at this letter (default: the oldest)", offsetParser("--offset"))
    .option("--count <n>", "end after this many letters", parseCount, shownCount)
    .option(...topicsOption)
    .option("--json", "print each letter as one line of JSON")
    .addHelpText(
      "after",
      examples([
        ["millrace dlq show orders-in-dead-letters", `the ${shownCount} oldest letters`],
        ["millrace dlq show orders-in-dead-letters --offset 17 --count 1", "one of them"],
        ["millrace dlq show orders-in-dead-letters --json | jq .cause", "causes for a program"],
      ]),
    )
    .action(async (name: string, options: ShowOptions) => {
      const { showLetters } = await import("./show.ts");
      await showLetters(name, options, session);
    });
}

function addReplayCommand(parent: Command, session: Session): void {
  parent
    .command("replay")
    .summary("run dead letters through their pipeline again")
    .description(
      "Runs the records of dead letters, as they were before they failed, through the steps of a pipeline into its " +
        "destination, in place of what its source would bring. A letter is replayed once: the topic keeps how far replays " +
        "have come. A record that fails again becomes a new letter. The pipeline itself must not be running meanwhile.",
    )
    .argument("<topic>", "name of the topic of dead letters")
    .requiredOption("--config <config>", "YAML file of the pipeline")
    .option("--pipeline <name>", "pipeline whose letters are replayed (default: the one of the config)")
    .option("--from <offset>", "begin at this letter, replayed or not", offsetParser("--from"))
    .option("--to <offset>", "end before this letter", offsetParser("--to"))
    .option(...secretsOption)
    .option(...modulesOption)
    .option(...topicsOption)
    .option(...jsonOption)
    .option("-q, --quiet", "no progress and no counts; problems are still told")
    .addHelpText(
      "after",
      examples([
        [
          "millrace dlq replay orders-in-dead-letters --config orders.yaml",
          "all that have not been replayed",
        ],
        ["millrace dlq replay orders-in-dead-letters --config orders.yaml --to 5", "those before offset 5"],
        [
          "millrace dlq replay orders-in-dead-letters --config orders.yaml --from 0",
          "once more, from the first",
        ],
      ]),
    )
    .action(async (name: string, options: ReplayOptions) => {
      const { replayLetters } = await import("./replay.ts");
      session.settle(await replayLetters(name, options, session));
    });
}

function addDropCommand(parent: Command, session: Session): void {
  const parse = offsetParser("--to");
  parent
    .command("drop")
    .summary("drop the oldest dead letters")
    .description(
      "Drops the letters before an offset. Letters that were stored together go together, so some before it may stay. It " +
        "asks first; where nobody can be asked, it wants --yes.",
    )
    .argument("<topic>", "name of the topic of dead letters")
    .requiredOption("--to <offset>", "letters before this offset go; end: all of them", (text) =>
      text === "end" ? text : parse(text),
    )
    .option("-y, --yes", "do not ask")
    .option(...topicsOption)
    .option(...jsonOption)
    .addHelpText(
      "after",
      examples([
        ["millrace dlq drop orders-in-dead-letters --to 100", "the letters before offset 100"],
        ["millrace dlq drop orders-in-dead-letters --to end --yes", "all there are now, for scripts"],
      ]),
    )
    .action(async (name: string, options: DropOptions) => {
      const { dropLetters } = await import("./drop.ts");
      session.settle(await dropLetters(name, options, session));
    });
}
