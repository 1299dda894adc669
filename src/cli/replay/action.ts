import { type ReplayResult, type ReplayWith, replayCapture, replayFailure } from "../../devkit/index.ts";
import { MillraceError } from "../../errors.ts";
import { CaptureReader, captureFile } from "../../run/index.ts";
import type { Outcome } from "../outcome.ts";
import { formatCount, warningLines } from "../output/index.ts";
import type { Session } from "../session.ts";
import { pairOf } from "../usage.ts";
import type { ReplayCommandOptions } from "./options.ts";
import { replaySummary, replayText } from "./text.ts";
import { walk } from "./walk.ts";

/** Between two drawings of the progress. */
const refreshMs = 100;

/**
 * Replays a capture. What comes out as something else fails the command, unless another module was named.
 * @throws MillraceError `capture.invalid`, `capture.module`, `cli.usage`, and what loading and opening a module throws
 */
export async function replayFile(
  capture: string,
  options: ReplayCommandOptions,
  session: Session,
): Promise<Outcome<ReplayResult | null>> {
  if (options.step === true && options.json === true) {
    throw new MillraceError("cli.usage", "--step shows records to people, and --json is for programs", {
      hint: "leave out one of the two",
    });
  }
  const replayed: ReplayWith = {
    module: options.module,
    step: options.at,
    folder: options.modules,
    parameters: new Map((options.with ?? []).map((text) => pairOf("--with", text))),
  };
  const reader = await CaptureReader.open(await captureFile(capture));
  try {
    if (options.step === true) return await walk(capture, reader, replayed, session);
    return await compare(capture, reader, replayed, options.quiet === true, session);
  } finally {
    await reader.close();
  }
}

async function compare(
  capture: string,
  reader: CaptureReader,
  replayed: ReplayWith,
  quiet: boolean,
  { screen, stderr, stdout, world }: Session,
): Promise<Outcome<ReplayResult>> {
  let drawnMs = 0;
  const result = await replayCapture(capture, reader, {
    ...replayed,
    stop: world.stopSignal(),
    onProgress(records) {
      if (quiet || performance.now() - drawnMs < refreshMs) return;
      drawnMs = performance.now();
      screen.draw([`${formatCount(records)} records replayed`]);
    },
  });
  screen.clear();
  const isWhatIf = result.mode === "what-if";
  const error = isWhatIf ? undefined : replayFailure(result);
  // What may explain a difference is of no interest where there is none.
  const notes = result.same && result.complete ? [] : result.notes;
  if (!quiet) {
    for (const message of notes) screen.print(warningLines({ message }, stderr.style).join("\n"));
  }
  const isTold = !quiet || !result.same;
  return {
    summary: replaySummary(result),
    result,
    text: isTold ? replayText(result, stdout.style) : undefined,
    error,
  };
}
