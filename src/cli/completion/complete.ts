import type { Argument, Command, Option } from "commander";
import { connectorTypes } from "../../config/index.ts";
import { formatName, ModuleStore } from "../../modules/index.ts";
import type { Topic, TopicSummary } from "../../topic/index.ts";
import { letterTopics } from "../dlq/letters.ts";
import { moduleFolderOf } from "../module-folder.ts";
import { addConnectors } from "../run/command.ts";
import type { Session } from "../session.ts";
import { withTopics } from "../topic/store.ts";

/** A word that fits, with what it means. */
interface Candidate {
  readonly word: string;
  readonly meaning: string;
}

/** What stands for files and folders, which shells complete themselves. */
const files = ":files";
const folders = ":folders";

/**
 * What fits the last of the words, one a line: the word, a tab, what it means; or `:files`, `:folders`.
 * @param program whose commands and options are offered
 * @param words of the command line behind the program's name; the last one is being typed and may be empty
 */
export async function completionLines(
  program: Command,
  words: readonly string[],
  session: Session,
): Promise<readonly string[]> {
  const typed = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  // For a type that is not one there is nothing to complete.
  await addConnectors(program, before, session).catch(() => {});
  const { command, argumentIndex, option, isOptions } = whereAmI(program, before);
  const [name = "", value] = /^(--[^=]+)=(.*)$/.exec(typed)?.slice(1) ?? [];
  if (value !== undefined && isOptions) {
    const own = optionsOf(command).find((each) => each.long === name);
    const lines = own === undefined ? [] : await valuesFor(own.flags, value, before, session);
    return lines.map((line) => (line.startsWith(":") ? line : `${name}=${line}`));
  }
  if (option !== undefined) return valuesFor(option.flags, typed, before, session);
  if (typed.startsWith("-") && isOptions) {
    const options = optionsOf(command).map((each) => ({
      word: each.long ?? each.short ?? "",
      meaning: each.description,
    }));
    return fitting(options, typed);
  }
  const commands = argumentIndex > 0 ? [] : commandsOf(command);
  const argument = argumentAt(command, argumentIndex);
  const values =
    argument === undefined ? [] : await valuesFor(`<${argument.name()}>`, typed, before, session);
  const types =
    command.name() === "run" || (command.name() === "schema" && argumentIndex === 0) ? connectorTypes() : [];
  const connectors =
    argumentIndex > 0 ? [] : types.map(({ type, spec }) => ({ word: type, meaning: spec.summary }));
  return [...fitting([...commands, ...connectors], typed), ...values];
}

interface Here {
  readonly command: Command;
  /** How many arguments of the command stand before. */
  readonly argumentIndex: number;
  /** The option that waits for its value. */
  readonly option: Option | undefined;
  /** Whether options may follow; not behind `--`. */
  readonly isOptions: boolean;
}

function whereAmI(program: Command, words: readonly string[]): Here {
  let command = program;
  let argumentIndex = 0;
  let option: Option | undefined;
  let isOptions = true;
  for (const word of words) {
    if (option !== undefined) option = undefined;
    else if (word === "--") isOptions = false;
    else if (isOptions && word.startsWith("-")) {
      const known = optionsOf(command).find((each) => each.long === word || each.short === word);
      option = known?.required === true ? known : undefined;
    } else {
      const next = argumentIndex > 0 ? undefined : command.commands.find((each) => each.name() === word);
      if (next === undefined) argumentIndex++;
      else command = next;
    }
  }
  return { command, argumentIndex, option, isOptions };
}

function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

function commandsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ word: each.name(), meaning: each.summary() || each.description() }));
}

function argumentAt({ registeredArguments }: Command, index: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic === true ? last : undefined);
}

/** What fits in the place of a placeholder, of which the help text tells people what it stands for. */
async function valuesFor(
  flags: string,
  typed: string,
  words: readonly string[],
  session: Session,
): Promise<readonly string[]> {
  const placeholder = /[<[]([^>\]]*)[>\]]/.exec(flags)?.[1] ?? "";
  if (placeholder === "topic") return fitting(await topics(words, session), typed);
  if (placeholder === "dir") return [folders];
  if (["file", "config", "source", "capture"].includes(placeholder)) return [files];
  if (placeholder === "stored-module") return fitting(await modules(words, session), typed);
  if (/^((old-|new-)?module|targets)$/.test(placeholder)) {
    return [files, ...fitting(await modules(words, session), typed)];
  }
  if (placeholder === "shell") return fitting(["bash", "zsh", "fish"].map(plain), typed);
  if (placeholder === "where") return fitting(["beginning", "end"].map(plain), typed);
  if (placeholder === "format") return fitting(["value", "json"].map(plain), typed);
  if (/^--path /.test(flags)) return [files];
  const choices = placeholder.includes("|") ? placeholder.split("|") : [];
  return fitting(choices.filter((choice) => !choice.includes("=")).map(plain), typed);
}

function plain(word: string): Candidate {
  return { word, meaning: "" };
}

/** Those in the store, which is empty where it cannot be read. */
async function modules(words: readonly string[], { world }: Session): Promise<readonly Candidate[]> {
  const folder = moduleFolderOf(valueBehind("--modules", words), world.environment);
  const { modules: stored } = await new ModuleStore(folder).list().catch(() => ({ modules: [] }));
  return stored.map(({ name, kind, abi }) => ({
    word: formatName(name),
    meaning: `${kind} of the ${abi} ABI`,
  }));
}

function valueBehind(option: string, words: readonly string[]): string | undefined {
  const at = words.lastIndexOf(option);
  return at === -1 ? undefined : words[at + 1];
}

async function topics(words: readonly string[], session: Session): Promise<readonly Candidate[]> {
  const folder = valueBehind("--topics", words);
  try {
    const found = await withTopics(folder === undefined ? {} : { topics: folder }, session, async (store) =>
      words[0] === "dlq" ? summariesOf(await letterTopics(store)) : ((await store?.list()) ?? []),
    );
    return found.map(({ name, first, next }) => ({ word: name, meaning: `${next - first} records` }));
  } catch {
    // Nobody wants an error message in the middle of typing.
    return [];
  }
}

/** Those that `dlq` is about. */
function summariesOf(topics: readonly Topic[]): readonly Pick<TopicSummary, "name" | "first" | "next">[] {
  return topics.map((topic) => ({ name: topic.name, ...topic.bounds() }));
}

function fitting(candidates: readonly Candidate[], typed: string): readonly string[] {
  return candidates
    .filter(({ word }) => word !== "" && word.startsWith(typed))
    .map(({ word, meaning }) => `${word}\t${meaning.replaceAll(/\s+/g, " ")}`);
}
