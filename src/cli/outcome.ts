import { type ErrorData, exitCodeOf, MillraceError, messageOf } from "../errors.ts";

/** What a command did. */
export interface Outcome<Result = unknown> {
  /** One sentence. */
  readonly summary: string;
  /** Data for programs. */
  readonly result: Result;
  /**
   * For people, on standard output; absent where the command has written all there is to say, or was asked to be
   * quiet.
   */
  readonly text?: string | undefined;
  /** Whether the text, or the envelope, goes to standard error, because standard output is full of records. */
  readonly onStderr?: boolean;
  /** What ended the command early. The result tells how far it came. */
  readonly error?: unknown;
}

/** What `--json` prints, on one line. Keys are only ever added. */
export interface Envelope<Result = unknown> {
  /** The command without its arguments, such as `topic list`; empty where there is none. */
  readonly command: string;
  readonly ok: boolean;
  readonly summary: string;
  /** Null where a failed command got nowhere. */
  readonly result: Result | null;
  readonly error: ErrorData | null;
}

export function envelopeOf(command: string, { summary, result, error }: Outcome): Envelope {
  return {
    command,
    ok: error === undefined,
    summary,
    result: result ?? null,
    error: error === undefined ? null : knownError(error).toJSON(),
  };
}

/** The outcome of a command that threw. */
export function failureOutcome(error: unknown): Outcome {
  return { summary: messageOf(error), result: null, error };
}

export function exitCodeOfOutcome({ error }: Outcome): 0 | 1 | 2 | 3 {
  return error === undefined ? 0 : exitCodeOf(error);
}

/** Anything that was thrown as an error that can be shown. What is none of ours was not foreseen. */
export function knownError(error: unknown): MillraceError {
  if (MillraceError.is(error)) return error;
  return new MillraceError("internal.bug", `something failed that should not: ${messageOf(error)}`, {
    hint: "please report it with the command, the config and the lines below",
    cause: error,
  });
}
