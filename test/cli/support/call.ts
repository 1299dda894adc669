import { Readable } from "node:stream";
import { main } from "../../../src/cli/index.ts";
import { FakeStream } from "./fake-stream.ts";

/** How a call of the program in this process has ended. */
export interface Called {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls the program in this process, with streams that are no terminals unless they are to be. */
export async function call(
  words: readonly string[],
  { isTTY = false }: { readonly isTTY?: boolean } = {},
): Promise<Called> {
  const [stdout, stderr] = [new FakeStream(), new FakeStream({ isTTY, columns: 100 })];
  const code = await main(words, {
    stdin: Readable.from([]),
    stdout,
    stderr,
    environment: { LANG: "C.UTF-8", NO_COLOR: "1" },
    stopSignal: () => new AbortController().signal,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}
