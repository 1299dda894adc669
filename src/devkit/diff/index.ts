export { type DiffOptions, diffModules } from "./diff.ts";
export type { DiffInput } from "./input.ts";
export type {
  ComparedModule,
  DiffCounts,
  DiffedRecord,
  DiffResult,
  DiffTime,
  OldAndNew,
} from "./result.ts";
