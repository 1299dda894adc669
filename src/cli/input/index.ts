export { fileInput, type Input, type InputStream, streamInput } from "./chunks.ts";
export { answerTo, typedLines } from "./dialogue.ts";
export { pressedKeys } from "./keys.ts";
