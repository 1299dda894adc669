import { silentLogger, systemClock } from "../../src/base/index.ts";
import { findConnector } from "../../src/connector/index.ts";
import { openChain } from "../../src/engine/index.ts";
import { loadModuleFile } from "../../src/modules/index.ts";
import { Pipeline, type Sink, type Source } from "../../src/pipeline/index.ts";
import { nodeContext } from "../../src/run/index.ts";
import type { Job } from "./job.ts";

/** The pipeline that `millrace run` would run, between two files: file source, one filter, file sink. */
export async function filterWithMillrace(
  modulePath: string,
  parameters: ReadonlyMap<string, string>,
): Promise<(job: Job) => Promise<number>> {
  const module = await loadModuleFile(modulePath);
  const context = {
    ...nodeContext({ pipeline: "bench", folder: ".", once: true, log: silentLogger }),
    openTopic: () => Promise.reject(new Error("there are no topics here")),
  };
  const { source, sink } = findConnector("file-source").spec;
  return async ({ input, output }) => {
    const { transforms } = await openChain([{ module, parameters }]);
    const pipeline = new Pipeline({
      source: { name: "file-source", port: (await source?.({ path: input }, undefined, context)) as Source },
      steps: transforms.map((transform) => ({
        stage: "filter",
        name: "1-bench",
        transform,
        onError: "fail",
      })),
      sink: {
        name: "file-sink",
        port: (await sink?.({ path: output, append: false }, undefined, context)) as Sink,
      },
      onError: "fail",
      clock: systemClock,
      onSkip: () => {},
    });
    await pipeline.run(undefined, new AbortController().signal);
    return pipeline.counts.delivered;
  };
}
