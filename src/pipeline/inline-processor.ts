import { Batch } from "../record/index.ts";
import { type PipelineStep, type Processor, runSteps } from "./processor.ts";

/** Runs steps on the thread of the pipeline. Closing it does nothing: instances go when nobody uses them. */
export function createInlineProcessor(steps: readonly PipelineStep[]): Processor {
  return {
    steps: steps.map(({ stage, name, onError, transform, sha256 }) => {
      const { module, looksBack, counts } = transform;
      return {
        stage,
        name,
        onError,
        module,
        sha256,
        looksBack,
        counts,
        get stateLoss() {
          return transform.stateLoss;
        },
      };
    }),
    newBatch: () => new Batch(),
    lookBack: async (step, batch) => steps[step]?.transform.lookBack(batch),
    process: async (batch) => runSteps(steps, batch),
    close: async () => {},
  };
}
