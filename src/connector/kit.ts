/**
 * What it takes to write a connector: `import … from "millrace/connector"`.
 *
 * @module
 */
export { z } from "zod";
export { Backoff, type BackoffOptions, type Clock, type Logger } from "../base/index.ts";
export { type ErrorCode, MillraceError, type Where } from "../errors.ts";
export type { BatchPosition, Reading, Rejection, Sink, Source } from "../pipeline/index.ts";
export {
  Batch,
  type Encoded,
  type EncodedLines,
  type Encoder,
  encodeLines,
  Frame,
  FrameBuffer,
  FrameBuilder,
  frameOfLines,
  type Header,
  type LinesOptions,
  linesAt,
  type RecordFailure,
  type RecordInput,
  RecordView,
} from "../record/index.ts";
export type { Accumulator, Position, Topic } from "../topic/index.ts";
export {
  type ByteInput,
  encoderFor,
  type Format,
  FormatReader,
  type FormatReaderOptions,
  type FormatReading,
  offsetIn,
  placeIn,
  readFormat,
  StreamInput,
  writtenFormat,
} from "./format/index.ts";
export { durationMs, sizeBytes } from "./schema.ts";
export { type ConnectorContext, type ConnectorSpec, defineConnector, type OpenTopicOptions } from "./spec.ts";
