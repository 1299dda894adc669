export { Batch, type BatchState, type RecordFailure } from "./batch.ts";
export { type CsvOptions, csvDecoder } from "./codec/csv-decode.ts";
export { CsvEncoder } from "./codec/csv-encode.ts";
export type { Decoded, DecodeFailure, DecodeOptions, Decoder } from "./codec/decoder.ts";
export {
  type DelimitedFrame,
  type DelimitedOptions,
  DelimitedSplitter,
  type OversizeRecord,
} from "./codec/delimited.ts";
export type { Encoded, Encoder } from "./codec/encoder.ts";
export { findJsonElements, type JsonElements, type JsonElementsOptions } from "./codec/json-elements.ts";
export { type ElementsFrameOptions, frameOfJsonElements } from "./codec/json-frame.ts";
export { formatJsonPointer, parseJsonPointer } from "./codec/json-pointer.ts";
export { type JsonValuesOptions, jsonValuesDecoder } from "./codec/json-values.ts";
export { type LengthPrefix, lengthPrefixedDecoder, lengthPrefixedEncoder } from "./codec/length-prefixed.ts";
export { type EncodedLines, encodeLines, frameOfLines, type LinesOptions, linesAt } from "./codec/lines.ts";
export { LinesDecoder } from "./codec/lines-decoder.ts";
export { msgpackDecoder } from "./codec/msgpack-decode.ts";
export { msgpackEncoder, type PackMsgpack } from "./codec/msgpack-encode.ts";
export { Rest } from "./codec/rest.ts";
export { type Columns, copyOptionalColumns, copyRecords } from "./columns.ts";
export {
  bytesOfRecords,
  type EncodeOptions,
  type EncodeTarget,
  encodeBatch,
  encodedBytesMax,
} from "./encode.ts";
export { Frame, openFrame } from "./frame.ts";
export { FrameBuffer, gatheringBytes } from "./frame-buffer.ts";
export { type FrameBase, FrameBuilder, frameOf } from "./frame-builder.ts";
export { absent, headerBytes, none, readInt64, spanBytes, word, writeInt64 } from "./layout.ts";
export { type Header, isHeaderBlock, type RecordInput } from "./record.ts";
export { RecordView } from "./record-view.ts";
