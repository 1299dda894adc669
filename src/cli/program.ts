import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addBenchCommand } from "./bench/command.ts";
import { addBuildCommand } from "./build/command.ts";
import { addCaptureCommand } from "./capture/command.ts";
import { addCompletionCommand } from "./completion/command.ts";
import { addDiffCommand } from "./diff/command.ts";
import { addDlqCommand } from "./dlq/command.ts";
import { addFuzzCommand } from "./fuzz/command.ts";
import { examples } from "./help.ts";
import { addInspectCommand, addModuleCommand } from "./module/command.ts";
import { addReplayCommand } from "./replay/command.ts";
import { addRunCommand } from "./run/command.ts";
import { addSchemaCommand } from "./schema/command.ts";
import type { Session } from "./session.ts";
import { addTestCommand } from "./test/command.ts";
import { addTopicCommand } from "./topic/command.ts";
import { addValidateCommand } from "./validate/command.ts";

const versionFlags: readonly string[] = ["-V", "--version"];

/** In the order of the help. */
const commands = {
  run: addRunCommand,
  topic: addTopicCommand,
  dlq: addDlqCommand,
  capture: addCaptureCommand,
  replay: addReplayCommand,
  validate: addValidateCommand,
  build: addBuildCommand,
  test: addTestCommand,
  module: addModuleCommand,
  fuzz: addFuzzCommand,
  diff: addDiffCommand,
  inspect: addInspectCommand,
  bench: addBenchCommand,
  schema: addSchemaCommand,
  completion: addCompletionCommand,
};

/**
 * The commands with their options and help texts. What they do is imported when they are called.
 * @param words of the command line: where they call a command, it alone is made, since to make all takes a while
 */
export function createProgram(session: Session, words: readonly string[]): Command {
  const { stdout, stderr } = session;
  const program = new Command("millrace")
    .description("Runs WebAssembly SmartModules on streams of records, between connectors and topics.")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.say(text),
      writeErr: (text) => stderr.say(text),
      // Complaints are thrown too, and told in the form of all errors.
      outputError: () => {},
      getOutHelpWidth: () => (stdout.isTerminal ? stdout.columns : 80),
      getOutHasColors: () => true,
    })
    .configureHelp({ styleTitle: stdout.style.bold, showGlobalOptions: false })
    .addHelpText(
      "after",
      examples([
        ["millrace run pipeline.yaml", "run a pipeline until it is stopped"],
        ["millrace topic consume quakes --count 3", "look at the first records of a topic"],
        ["millrace build filter.ts", "make a module from AssemblyScript"],
      ]),
    );
  const called = Object.entries(commands).filter(([name]) => name === words[0]);
  for (const [, add] of called.length > 0 ? called : Object.entries(commands)) add(program, session);
  // Whoever calls a command seldom asks for this, too.
  if (called.length === 0 || words.some((word) => versionFlags.includes(word))) {
    program.version(version(), versionFlags.join(", "), "print the version");
  }
  return program;
}

/** The version in the package's own description, which lies at the same distance from sources and built files. */
function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
