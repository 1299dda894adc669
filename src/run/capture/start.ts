import { basename, dirname, relative, sep } from "node:path";
import type { Logger } from "../../base/index.ts";
import type { Plan } from "../../config/index.ts";
import { worldSeed } from "../../engine/index.ts";
import { createInlineProcessor, type Processor, runSteps } from "../../pipeline/index.ts";
import { openSteps, type StepToOpen } from "../open-steps.ts";
import type { LoadedStep } from "../steps.ts";
import { CapturedTransform, type Taking } from "./captured-transform.ts";
import type { CapturedStep, HeadEnvelope } from "./envelope.ts";
import { captureVersion } from "./layout.ts";
import { type CaptureScope, type CaptureSummary, Recorder } from "./recorder.ts";

/** A capture of a run. */
export interface CaptureOptions extends CaptureScope {
  /** Absolute path of the file that it becomes. */
  readonly file: string;
  /** Told once, when nothing more goes in. */
  readonly onFull?: (() => void) | undefined;
}

export interface Capture {
  readonly processor: Processor;
  /** Never throws: what kept it from being written is in what it gives. */
  finish(): Promise<CaptureSummary>;
}

/**
 * Opens the steps of a pipeline so that what they do is captured. They run on the thread of the pipeline: what a guest thread
 * holds in hand is lost when it has to be ended.
 * @throws MillraceError what opening them throws; `file.unwritable`, `cli.usage`
 */
export async function startCapture(
  plan: Plan,
  modules: readonly LoadedStep[],
  steps: readonly StepToOpen[],
  options: CaptureOptions,
  log: Logger,
): Promise<Capture> {
  const opened = await openSteps(steps, log);
  const head = headOf(plan, modules, steps, options);
  const scope = { ...options, redactor: plan.redactor };
  const recorder = await Recorder.create(options.file, head, scope, log, options.onFull ?? (() => {}));
  let taking: Taking | undefined;
  const captured = opened.map((step, index) => ({
    ...step,
    transform: new CapturedTransform(
      step.transform,
      () => taking,
      (frame) => recorder.lookBack(index, frame),
    ),
  }));
  const inline = createInlineProcessor(captured);
  const processor: Processor = {
    ...inline,
    async process(batch) {
      const taken = recorder.begin(batch);
      taking = taken;
      try {
        return runSteps(captured, batch);
      } finally {
        taking = undefined;
        if (taken !== undefined) await recorder.add(taken);
      }
    },
  };
  return { processor, finish: () => recorder.finish() };
}

function headOf(
  plan: Plan,
  modules: readonly LoadedStep[],
  steps: readonly StepToOpen[],
  { file, share, mask }: CaptureOptions,
): HeadEnvelope {
  const { wasi = "own", deterministic = false } = plan.world;
  return {
    kind: "head",
    version: captureVersion,
    pipeline: plan.name,
    direction: plan.direction,
    config: { name: basename(plan.file), text: plan.text },
    world: { wasi, deterministic, seed: worldSeed },
    steps: steps.map((step, index): CapturedStep => {
      const { module, sha256, plan: stepPlan } = modules[index] as LoadedStep;
      const { lookBack } = step;
      return {
        name: step.name,
        stage: step.stage,
        module: module.name,
        path: relative(dirname(file), stepPlan.modulePath).split(sep).join("/"),
        sha256,
        abi: module.abi.name,
        kind: module.abi.kind,
        stateful: step.stateful ?? null,
        // A secret is not kept: who replays the capture gives it again.
        parameters: Object.fromEntries([
          ...[...step.parameters].map(([key, value]) => [key, plan.redactor.redact(value)] as const),
          ...stepPlan.secretParameters,
        ]),
        accumulator: mask.length > 0 ? null : (step.accumulator?.slice() ?? null),
        lookBack:
          lookBack === undefined ? null : { last: lookBack.last ?? null, ageMs: lookBack.ageMs ?? null },
        onError: step.onError,
        limits: { ...module.limits },
      };
    }),
    share,
    mask: [...mask],
  };
}
