import { type Command, CommanderError } from "commander";
import { MillraceError } from "../errors.ts";

/** True for what the parser throws after it has printed a help text or the version that was asked for. */
export function isAnswered(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

/**
 * What was thrown, with the parser's complaints about the command line turned into errors of this project.
 * @param command the command that was called, as far as it is known
 */
export function usageError(error: unknown, command: Command): unknown {
  if (!(error instanceof CommanderError)) return error;
  const help = `\`${pathOf(command)} --help\` shows what there is`;
  if (error.code === "commander.help") {
    return new MillraceError("cli.usage", `${pathOf(command)} needs a command`, { hint: help });
  }
  const [, text = error.message, guess] =
    /^(?:error: )?(.*?)(?:\n\(Did you mean (.*)\?\))?$/s.exec(error.message) ?? [];
  return new MillraceError("cli.usage", text.replace(/\.$/, ""), {
    hint: guess === undefined ? help : `did you mean ${guess}? ${help}`,
  });
}

/** The command that the words of a command line lead to. */
export function commandOf(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) break;
    command = next;
  }
  return command;
}

/** A command with those above it: `millrace topic list`. */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** @throws MillraceError `cli.usage` where there is no `=` */
export function pairOf(flag: string, text: string): readonly [key: string, value: string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new MillraceError("cli.usage", `${flag} cannot be "${text}"`, { hint: `write ${flag} key=value` });
}
