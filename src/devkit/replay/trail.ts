import type { Frame } from "../../record/index.ts";
import { type BatchEnvelope, type HeadEnvelope, Stepper } from "../../run/index.ts";
import { rangeOf } from "./compare.ts";
import type { OpenedStep } from "./open-step.ts";
import { capturedOutcome, fateOf, type StepOutcome, shownRecords, takenOutcome } from "./outcomes.ts";
import type { ShownRecord, Trail, TrailStep } from "./result.ts";

const stepper = new Stepper();

/**
 * The records of a captured batch, each with what the steps made of it.
 * @param instead a step in place of the captured one, whose part is told as it is now; later steps are left out then, since
 * what they would get is not what they got
 */
export function* trailsOf(
  head: HeadEnvelope,
  envelope: BatchEnvelope,
  frames: readonly Frame[],
  instead?: OpenedStep,
): Generator<Trail> {
  const [first] = frames;
  if (first === undefined) return;
  const outcomes: StepOutcome[] = [];
  for (const [index, run] of envelope.steps.entries()) {
    const captured = capturedOutcome(run, frames);
    if (index === instead?.index) {
      outcomes.push(takenOutcome(stepper.run(instead.transform, captured.before)));
      break;
    }
    outcomes.push(captured);
  }
  const masked = new Set(envelope.masked);
  for (let record = 0; record < first.recordCount; record++) {
    yield {
      batch: envelope.number,
      record,
      inRun: envelope.firstRecord + record,
      masked: masked.has(record),
      before: shownRecords(first, record, record + 1)[0] as ShownRecord,
      steps: stepsOf(head, outcomes, record, instead?.module.name),
    };
  }
}

function stepsOf(
  head: HeadEnvelope,
  outcomes: readonly StepOutcome[],
  record: number,
  insteadName: string | undefined,
): readonly TrailStep[] {
  const steps: TrailStep[] = [];
  let from = record;
  let to = record + 1;
  for (const [index, outcome] of outcomes.entries()) {
    const captured = head.steps[index];
    const name = captured?.name ?? String(index + 1);
    const isInstead = insteadName !== undefined && index === outcomes.length - 1;
    const failures: string[] = [];
    const after: ShownRecord[] = [];
    let became = fateOf(outcome, from);
    for (let part = from; part < to; part++) {
      const failure = outcome.failures.get(part);
      if (failure !== undefined) failures.push(failure);
      const [first, end] = rangeOf(outcome, part);
      if (outcome.after !== undefined) after.push(...shownRecords(outcome.after, first, end));
      if (fateOf(outcome, part) !== became) became = "expanded";
    }
    if (outcome.threw !== undefined) failures.push(outcome.threw);
    steps.push({
      step: isInstead ? `${name} → ${insteadName}` : name,
      became: outcome.threw === undefined ? (became ?? "dropped") : "failed",
      failure: failures.length === 0 ? undefined : failures.join("\n"),
      after,
    });
    if (outcome.after === undefined || after.length === 0) break;
    [from, to] = [rangeOf(outcome, from)[0], rangeOf(outcome, to - 1)[1]];
  }
  return steps;
}
