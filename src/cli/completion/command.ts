import type { Command } from "commander";
import { examples } from "../help.ts";
import type { Session } from "../session.ts";

/** What a shell calls to learn what fits; not for people. */
const completeCommand = "__complete";

export function addCompletionCommand(parent: Command, session: Session): void {
  parent
    .command("completion")
    .summary("print the completions for a shell")
    .description(
      "Prints a script that makes a shell complete the commands, options, connectors, topics and files of millrace.",
    )
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText(
      "after",
      examples([
        ["source <(millrace completion bash)", "now, or in ~/.bashrc"],
        ["source <(millrace completion zsh)", "now, or in ~/.zshrc behind compinit"],
        ["millrace completion fish > ~/.config/fish/completions/millrace.fish", "for good"],
      ]),
    )
    .action(async (shell: string) => {
      const { completionScript } = await import("./scripts.ts");
      session.settle({ summary: `completions for ${shell}`, result: null, text: completionScript(shell) });
    });
  parent
    .command(completeCommand, { hidden: true })
    .argument("[words...]")
    .helpOption(false)
    .allowUnknownOption()
    .action(async (words: readonly string[]) => {
      const { completionLines } = await import("./complete.ts");
      const lines = await completionLines(parent, words, session);
      session.settle({ summary: "", result: null, text: lines.length === 0 ? undefined : lines.join("\n") });
    });
}
