export {
  type Chain,
  type ChainOptions,
  type ChainStep,
  type GuestLimits,
  loadModule,
  type Module,
  openChain,
  type Transform,
  type TransformCounts,
  type TransformKind,
} from "./engine/index.ts";
export { type ErrorCategory, type ErrorCode, errorCodes, MillraceError, type Where } from "./errors.ts";
export { limits } from "./limits.ts";
export {
  Batch,
  Frame,
  FrameBuilder,
  frameOf,
  type Header,
  openFrame,
  type RecordFailure,
  type RecordInput,
  RecordView,
} from "./record/index.ts";
