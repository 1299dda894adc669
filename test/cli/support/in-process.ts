import { Readable } from "node:stream";
import { main } from "../../../src/cli/index.ts";
import type { InputStream } from "../../../src/cli/input/index.ts";
import { FakeStream } from "./fake-stream.ts";

export interface Told {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CalledWith {
  readonly stdin?: InputStream;
  readonly isTerminal?: boolean;
}

/** Calls the command line in this process. */
export async function call(
  words: readonly string[],
  { stdin, isTerminal = false }: CalledWith = {},
): Promise<Told> {
  const stdout = new FakeStream({ isTTY: isTerminal, columns: 100 });
  const stderr = new FakeStream({ isTTY: isTerminal, columns: 100 });
  const code = await main(words, {
    stdin: stdin ?? Readable.from([]),
    stdout,
    stderr,
    environment: { LANG: "C.UTF-8", NO_COLOR: "1" },
    stopSignal: () => new AbortController().signal,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}
