export { nodeContext } from "./context.ts";
export { preparePipeline, type RunnablePipeline, type RunOptions } from "./prepare.ts";
export { openProcessor } from "./processor.ts";
export type { Exchange } from "./reload.ts";
export type { LettersToReplay } from "./replay.ts";
export type { LoadedStep } from "./steps.ts";
