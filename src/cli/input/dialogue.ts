import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Output } from "../output/index.ts";
import type { InputStream } from "./chunks.ts";

/**
 * The lines that a person types, each asked for with a prompt, until Ctrl-D or Ctrl-C. A line is asked for when the
 * one before was dealt with.
 */
export async function* typedLines(
  stdin: InputStream,
  output: Output,
  prompt: string,
): AsyncGenerator<string> {
  // The terminal's own line editing would cut a long line off at 4096 bytes, so it is done here.
  const lines = createInterface({
    input: stdin,
    output: writable(output),
    terminal: stdin.isTTY === true && output.isTerminal,
    prompt,
  });
  lines.on("SIGINT", () => lines.close());
  try {
    lines.prompt();
    for await (const line of lines) {
      yield line;
      lines.prompt();
    }
    output.say("\n");
  } finally {
    lines.close();
  }
}

/** What a person answers to a question; undefined where the input ended instead. */
export async function answerTo(
  question: string,
  stdin: InputStream,
  output: Output,
): Promise<string | undefined> {
  for await (const line of typedLines(stdin, output, question)) return line.trim();
  return undefined;
}

function writable(output: Output): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done): void {
      output.write(chunk).then(() => done(), done);
    },
  });
}
