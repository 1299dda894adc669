export {
  type ByteInput,
  FormatReader,
  type FormatReaderOptions,
  type FormatReading,
  offsetIn,
  placeIn,
} from "./decode.ts";
export { encoderFor } from "./encode.ts";
export { type Format, readFormat, writtenFormat } from "./schema.ts";
export { StreamInput } from "./stream-input.ts";
