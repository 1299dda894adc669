export { paintedDiff } from "./diff-lines.ts";
export { LiveArea } from "./live-area.ts";
export { failureLines, type Message, warningLines } from "./messages.ts";
export { formatBytes, formatCount, formatDuration, formatRate, perSecond, plural } from "./numbers.ts";
export { Output, type OutputStream } from "./output.ts";
export { printable } from "./printable.ts";
export type { Environment, Style } from "./style.ts";
export { type Column, tableLines } from "./table.ts";
