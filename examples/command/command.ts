import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import {
  type ConnectorContext,
  defineConnector,
  type Frame,
  type FrameBuffer,
  FrameBuilder,
  MillraceError,
  type Reading,
  type Rejection,
  type Source,
  type Where,
  z,
} from "millrace/connector";

/** Makes a record of each line that a command prints. */
export const connector = defineConnector({
  system: "command",
  summary: "Runs a command; each line that it prints is a record.",
  settings: z.strictObject({
    run: z.array(z.string()).min(1).describe("The command and its arguments."),
    folder: z
      .string()
      .default(".")
      .describe("Folder in which it runs; a relative one counts from the config."),
  }),
  async source({ run, folder }, _extract, context) {
    return new CommandSource(run, resolve(context.folder, folder), context);
  },
});

const lineFeed = 10;
const recordBytesMax = 16 * 1024 * 1024;

class CommandSource implements Source {
  readonly #run: readonly string[];
  readonly #folder: string;
  readonly #context: ConnectorContext;
  #child: ChildProcess | undefined;
  #chunks: AsyncIterator<Buffer, undefined> | undefined;
  /** The chunk that is waited for; a read that was stopped leaves it to the next one. */
  #next: Promise<IteratorResult<Buffer, undefined>> | undefined;
  /** What was printed and is in no record yet. */
  #pending: Buffer = Buffer.alloc(0);
  #line = 0;

  constructor(run: readonly string[], folder: string, context: ConnectorContext) {
    this.#run = run;
    this.#folder = folder;
    this.#context = context;
  }

  /** A command cannot be told to go on where it was: this source has no positions, and none is given here. */
  async open(): Promise<void> {
    const [command = "", ...args] = this.#run;
    const child = spawn(command, args, { cwd: this.#folder, stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    this.#chunks = child.stdout[Symbol.asyncIterator]();
    try {
      await once(child, "spawn");
    } catch (error) {
      throw new MillraceError("connector.failed", `the command \`${command}\` cannot be started`, {
        where: { file: command },
        hint: "check `run` and `folder`",
        cause: error,
      });
    }
  }

  async read(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined> {
    if (signal.aborted) return undefined;
    const isEnd = await this.#waitForLine(signal);
    if (signal.aborted) return undefined;
    if (isEnd && this.#pending.length === 0) {
      await this.#checkExit();
      return undefined;
    }
    return this.#take(buffer, isEnd);
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill();
    await exit;
  }

  locate(frame: Frame, index: number): Where {
    return { file: this.#run[0] ?? "", line: frame.baseOffset + index + 1 };
  }

  /** Waits until a whole line is there, and gives true at the end of what is printed. */
  async #waitForLine(signal: AbortSignal): Promise<boolean> {
    while (!this.#pending.includes(lineFeed)) {
      this.#next ??= this.#chunks?.next();
      const chunk = await unlessAborted(this.#next, signal);
      if (chunk === undefined) return false;
      this.#next = undefined;
      if (chunk.done === true) return true;
      this.#pending = Buffer.concat([this.#pending, chunk.value]);
    }
    return false;
  }

  /** Makes records of the lines that are there, up to the wished size of a batch. */
  #take(buffer: FrameBuffer, isEnd: boolean): Reading {
    const { batchBytes = 1024 * 1024, clock } = this.#context;
    const builder = new FrameBuilder(buffer);
    const rejections: Rejection[] = [];
    const offset = this.#line;
    let at = 0;
    while (at < this.#pending.length && at < batchBytes) {
      const found = this.#pending.indexOf(lineFeed, at);
      if (found < 0 && !isEnd) break;
      const value = this.#pending.subarray(at, found < 0 ? this.#pending.length : found);
      // A line that is left out ends the reading, so that the numbers of the lines behind it stay right.
      if (value.length > recordBytesMax && at > 0) break;
      at += value.length + (found < 0 ? 0 : 1);
      this.#line++;
      if (value.length > recordBytesMax) {
        rejections.push(tooLong({ file: this.#run[0] ?? "", line: this.#line }, value));
        break;
      }
      builder.add({ value });
    }
    this.#pending = this.#pending.subarray(at);
    return { frame: builder.finish({ offset, timestamp: clock.now() }), rejections, position: undefined };
  }

  /** A command that fails has not printed all that it should have. */
  async #checkExit(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    if (child.exitCode === 0) return;
    const how = child.signalCode ?? `exit code ${child.exitCode}`;
    throw new MillraceError("connector.failed", `the command ended with ${how}`, {
      where: { file: this.#run[0] ?? "" },
      hint: "what it printed before has been read; its own messages are above",
    });
  }
}

function tooLong(where: Where, value: Buffer): Rejection {
  const message = `the line has ${value.length} bytes, and ${recordBytesMax} is the limit`;
  return { where, code: "record.too-large", message, sample: new Uint8Array(value.subarray(0, 256)) };
}

/** What a promise gives, or undefined as soon as the signal aborts. */
async function unlessAborted<Result>(
  promise: Promise<Result> | undefined,
  signal: AbortSignal,
): Promise<Result | undefined> {
  let stop = (): void => {};
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
  });
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
