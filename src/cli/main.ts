import type { Command } from "commander";
import { Redactor, redactedError, redactInPlace } from "../base/index.ts";
import { envelopeOf, exitCodeOfOutcome, failureOutcome, knownError, type Outcome } from "./outcome.ts";
import { failureLines, LiveArea, Output } from "./output/index.ts";
import { createProgram } from "./program.ts";
import { addConnectors } from "./run/command.ts";
import type { Session } from "./session.ts";
import { commandOf, isAnswered, pathOf, usageError } from "./usage.ts";
import type { World } from "./world.ts";

/**
 * Runs the command line.
 *
 * @param words without the program's own name
 * @returns the exit code: 0 done, 1 failed at run time, 2 wrong usage or config, 3 environment
 */
export async function main(words: readonly string[], world: World): Promise<number> {
  const stdout = new Output(world.stdout, "standard output", world.environment);
  const stderr = new Output(world.stderr, "standard error", world.environment);
  let outcome: Outcome | undefined;
  const redactor = new Redactor();
  world.onCrash?.((error) => redactInPlace(error, redactor));
  const session: Session = {
    world,
    stdout,
    stderr,
    redactor,
    screen: new LiveArea(stderr, (text) => redactor.redact(text)),
    settle(what) {
      outcome = what;
    },
  };
  const program = createProgram(session, words);
  const command = commandOf(program, words);
  try {
    await addConnectors(program, words, session);
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (isAnswered(error)) return 0;
    outcome = failureOutcome(usageError(error, commandOf(program, words)));
  }
  if (outcome === undefined) return 0;
  try {
    await report(session, command, wantsJson(words), outcome);
  } catch (error) {
    outcome = failureOutcome(error);
    session.screen.print(failureText(session, error));
  }
  return exitCodeOfOutcome(outcome);
}

async function report(session: Session, command: Command, json: boolean, outcome: Outcome): Promise<void> {
  const { screen, redactor } = session;
  const output = outcome.onStderr === true ? session.stderr : session.stdout;
  if (!json && outcome.text !== undefined) await output.write(`${redactor.redact(outcome.text)}\n`);
  if (outcome.error !== undefined) screen.print(failureText(session, outcome.error));
  if (json) {
    const name = pathOf(command).replace(/^\S+ ?/, "");
    // Texts alone, so that a secret that is a number leaves the counts as they are.
    const redact = (_key: string, value: unknown): unknown =>
      typeof value === "string" ? redactor.redact(value) : value;
    await output.write(`${JSON.stringify(envelopeOf(name, outcome), redact)}\n`);
  }
}

function failureText({ stderr, redactor }: Session, error: unknown): string {
  const known = knownError(redactedError(error, redactor));
  const lines = failureLines(known, stderr.style);
  // Where the code itself is wrong, the trace is what a report needs.
  if (known.code === "internal.bug") {
    const { stack = "" } = known.cause instanceof Error ? known.cause : known;
    lines.push(...stack.split("\n").map((line) => stderr.style.dim(`  ${line.trim()}`)));
  }
  return lines.join("\n");
}

/**
 * Told from the words alone: a wrong command line has no parsed options, and programs should get their envelope then
 * too.
 */
function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  return (end === -1 ? words : words.slice(0, end)).includes("--json");
}
