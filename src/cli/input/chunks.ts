import { createReadStream } from "node:fs";
import { addAbortSignal, type Readable } from "node:stream";
import { MillraceError, messageOf } from "../../errors.ts";
import { limits } from "../../limits.ts";

/** What is needed of a stream such as `process.stdin`. */
export type InputStream = Readable & {
  readonly isTTY?: boolean | undefined;
  /** Of a terminal: gives keys as they are pressed, and not lines. */
  setRawMode?(isRaw: boolean): unknown;
};

/** Bytes that come in parts, and what errors call where they come from. */
export interface Input {
  readonly name: string;
  /** Ends without an error when the signal aborts. */
  chunks(stop: AbortSignal): AsyncIterable<Uint8Array>;
}

/** The bytes of a file. @throws MillraceError `file.not-found`, `file.unreadable`, while they are read */
export function fileInput(path: string): Input {
  const highWaterMark = limits.batchBytes.default;
  return {
    name: path,
    chunks: (stop) => chunksOf(path, () => createReadStream(path, { highWaterMark }), stop),
  };
}

export function streamInput(stream: InputStream, name: string): Input {
  return { name, chunks: (stop) => chunksOf(name, () => stream, stop) };
}

async function* chunksOf(name: string, open: () => Readable, stop: AbortSignal): AsyncGenerator<Uint8Array> {
  if (stop.aborted) return;
  try {
    for await (const chunk of addAbortSignal(stop, open())) yield chunk;
  } catch (error) {
    if (stop.aborted) return;
    throw readFailure(name, error);
  }
}

function readFailure(name: string, error: unknown): MillraceError {
  const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
  const what = isMissing ? `there is no file ${name}` : `${name} cannot be read: ${messageOf(error)}`;
  return new MillraceError(isMissing ? "file.not-found" : "file.unreadable", what, {
    where: { file: name },
    hint: isMissing ? "check the path; it counts from the current folder" : "check its rights and its kind",
    cause: error,
  });
}
