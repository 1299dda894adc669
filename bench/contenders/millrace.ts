import { silentLogger, systemClock } from "../../src/base/index.ts";
import type { Isolation } from "../../src/config/index.ts";
import { findConnector } from "../../src/connector/index.ts";
import { partsOf } from "../../src/engine/index.ts";
import { loadModuleFile } from "../../src/modules/index.ts";
import { Pipeline, type Sink, type Source } from "../../src/pipeline/index.ts";
import { nodeContext, openProcessor } from "../../src/run/index.ts";
import type { Job } from "./job.ts";

/** A pipeline whose module is loaded and open; it runs one job after another, as it would run for a long time. */
export interface OpenPipeline {
  readonly run: (job: Job) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** The pipeline that `millrace run` would run, between two files: file source, one filter, file sink. */
export async function filterWithMillrace(
  modulePath: string,
  parameters: ReadonlyMap<string, string>,
  isolation: Isolation,
): Promise<OpenPipeline> {
  const parts = partsOf(await loadModuleFile(modulePath));
  const context = {
    ...nodeContext({ pipeline: "bench", folder: ".", once: true, log: silentLogger }),
    openTopic: () => Promise.reject(new Error("there are no topics here")),
  };
  const { spec } = findConnector("file-source");
  const where = { file: modulePath };
  const nothing = { accumulator: undefined, lookBack: undefined, stateful: undefined, world: {} };
  const step = { stage: "filter", name: "1-bench", onError: "fail", ...nothing, where } as const;
  const processor = await openProcessor(isolation, [{ ...step, module: parts, parameters }], silentLogger);
  const run = async ({ input, output }: Job): Promise<number> => {
    const pipeline = new Pipeline({
      source: {
        name: "file-source",
        port: (await spec.source?.(
          spec.settings.parse({ path: input }),
          spec.extract?.parse(undefined),
          context,
        )) as Source,
      },
      processor,
      sink: {
        name: "file-sink",
        port: (await spec.sink?.(
          (spec.sinkSettings ?? spec.settings).parse({ path: output, append: false }),
          spec.packing?.parse(undefined),
          context,
        )) as Sink,
      },
      onError: "fail",
      clock: systemClock,
      onSkip: () => {},
    });
    await pipeline.run(undefined, new AbortController().signal);
    return pipeline.counts.delivered;
  };
  return { run, close: () => processor.close() };
}
