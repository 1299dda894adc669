export { assert } from "./assert.ts";
export { Backoff, type BackoffOptions } from "./backoff.ts";
export { BoundedQueue } from "./bounded-queue.ts";
export { align8, textOf, utf8 } from "./bytes.ts";
export { type Clock, systemClock } from "./clock.ts";
export { durationExamples, durationPattern, parseDurationMs } from "./duration.ts";
export { type Logger, silentLogger } from "./logger.ts";
export { nearMiss } from "./near-miss.ts";
export { redactedError, redactedWhere, redactInPlace } from "./redacted-error.ts";
export { Redactor } from "./redactor.ts";
export { parseShare, shareExamples } from "./share.ts";
export { parseSizeBytes, sizeExamples, sizeText } from "./size.ts";
export {
  type CompiledModule,
  compileBase64,
  type HostFunction,
  pageBytes,
  type WasmFunction,
  type WasmGlobal,
  type WasmImports,
  type WasmInstance,
  type WasmMemory,
  webAssembly,
} from "./web-assembly.ts";
export { withArticle } from "./with-article.ts";
