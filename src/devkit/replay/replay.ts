import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { Batch, FrameBuffer } from "../../record/index.ts";
import { type BatchEnvelope, type CaptureReader, Stepper, type StepRun } from "../../run/index.ts";
import { areSameBytes, type Difference, describeDifference, differenceOf } from "./compare.ts";
import { isSecret, type OpenedStep, openCapturedSteps, type ReplayWith } from "./open-step.ts";
import { capturedOutcome, type StepOutcome, takenOutcome } from "./outcomes.ts";
import type { ReplayDifference, ReplayResult, StepComparison } from "./result.ts";

type Counts = Record<Difference, number>;

interface RunningStep extends OpenedStep {
  readonly counts: Counts;
  /** What it threw, after which nothing can be asked of it. */
  hasEnded: boolean;
}

export interface ReplayOptions extends ReplayWith {
  /** Told of how many records were done, now and then. */
  readonly onProgress?: ((records: number) => void) | undefined;
  readonly stop?: AbortSignal | undefined;
}

/**
 * Does again what a capture holds, each step on the very batches that it got, and compares what comes of it.
 * @param file path of the capture, from which modules are looked for
 * @throws MillraceError `capture.invalid`, and what opening the steps throws
 */
export async function replayCapture(
  file: string,
  reader: CaptureReader,
  options: ReplayOptions = {},
): Promise<ReplayResult> {
  const opened = await openCapturedSteps(file, reader.head, options);
  const steps = opened.map((step): RunningStep => {
    const counts = { same: 0, added: 0, dropped: 0, changed: 0, failed: 0 };
    return { ...step, counts, hasEnded: false };
  });
  const differences: ReplayDifference[] = [];
  const stepper = new Stepper();
  const shown = new Batch(new FrameBuffer(0));
  let batches = 0;
  let records = 0;
  let differing = 0;

  function compare(
    step: RunningStep,
    envelope: BatchEnvelope,
    captured: StepOutcome,
    now: StepOutcome,
  ): void {
    const { recordCount } = captured.before;
    const note = (record: number, what: ReturnType<typeof describeDifference>): void => {
      differing++;
      if (differences.length >= limits.replayDifferencesMax.default) return;
      differences.push({ batch: envelope.number, record, step: step.captured.name, ...what });
    };
    if (captured.threw !== undefined || now.threw !== undefined) {
      if (now.threw !== undefined) step.hasEnded = true;
      if (captured.threw === now.threw) {
        step.counts.same += recordCount;
        return;
      }
      step.counts[now.threw === undefined ? "changed" : "failed"] += recordCount;
      const none = "it did not end";
      note(0, { part: "failure", byte: null, captured: captured.threw ?? none, now: now.threw ?? none });
      return;
    }
    if (areSameBytes(captured, now)) {
      step.counts.same += recordCount;
      return;
    }
    for (let record = 0; record < recordCount; record++) {
      const difference = differenceOf(captured, now, record);
      step.counts[difference]++;
      if (difference !== "same") note(record, describeDifference(captured, now, record));
    }
  }

  for await (const { envelope, frames } of reader.entries()) {
    if (options.stop?.aborted) break;
    if (envelope.kind === "look-back") {
      const step = steps.find(({ index }) => index === envelope.step);
      const [frame] = frames;
      if (step !== undefined && frame !== undefined) step.transform.lookBack(shown.load(frame));
      continue;
    }
    for (const step of steps) {
      const run: StepRun | undefined = envelope.steps[step.index];
      if (run === undefined || step.hasEnded) continue;
      const captured = capturedOutcome(run, frames);
      compare(step, envelope, captured, takenOutcome(stepper.run(step.transform, captured.before)));
    }
    batches++;
    records += frames[0]?.recordCount ?? 0;
    options.onProgress?.(records);
  }
  return {
    capture: file,
    pipeline: reader.head.pipeline,
    mode: steps.some(isOther) ? "what-if" : "same-modules",
    batches,
    records,
    complete: reader.end !== undefined,
    same: differing === 0,
    steps: steps.map(comparisonOf),
    differences,
    notes: notesOf(reader, steps),
  };
}

/** Whether a step is not what it was: another module, or with other parameters than those that a capture cannot hold. */
function isOther({ captured, sha256, parameters }: RunningStep): boolean {
  if (sha256 !== captured.sha256) return true;
  return [...parameters].some(
    ([name, value]) => captured.parameters[name] !== value && !isSecret(captured.parameters[name]),
  );
}

function comparisonOf({ captured, module, sha256, transform, counts }: RunningStep): StepComparison {
  return {
    step: captured.name,
    module: module.name,
    sha256,
    sameModule: sha256 === captured.sha256,
    records: Object.values(counts).reduce((sum, count) => sum + count, 0),
    ...counts,
    fuel: transform.counts.fuel,
  };
}

/** What may make a difference beside the modules. */
function notesOf({ head, end }: CaptureReader, steps: readonly RunningStep[]): readonly string[] {
  const notes: string[] = [];
  if (end === undefined) notes.push("the capture was cut off; what is there was replayed");
  if (head.mask.length > 0) {
    notes.push(
      `the capture is masked (${head.mask.join(", ")}): modules get other values than they got in the run`,
    );
  }
  const keepers = steps.filter(({ transform }) => transform.stateful).map(({ captured }) => captured.name);
  if (head.share < 1 && keepers.length > 0) {
    notes.push(
      `only some batches were captured, and ${keepers.join(", ")} may keep something from one to the next`,
    );
  }
  if (!head.world.deterministic) {
    notes.push(
      "the run was not `deterministic`: a module that reads the clock or random bytes gets others now",
    );
  }
  return notes;
}

/** The error that a replay ends with that came to something else. */
export function replayFailure({ capture, differences, steps }: ReplayResult): MillraceError | undefined {
  const [first] = differences;
  if (first === undefined) return undefined;
  const differing = steps.reduce((sum, { records, same }) => sum + records - same, 0);
  const byte = first.byte === null ? "" : `, from byte ${first.byte} on`;
  return new MillraceError(
    "replay.differs",
    `${differing === 1 ? "1 record comes" : `${differing} records come`} out as something else than was captured; the first: ` +
      `record ${first.record} of batch ${first.batch} in ${first.step}, its ${first.part}${byte}`,
    {
      where: { file: capture },
      hint: "`--step` shows what each step made of a record; a module that reads the clock is not the same twice",
    },
  );
}
