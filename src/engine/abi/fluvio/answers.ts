import type { ErrorCode } from "../../../errors.ts";
import type { WireReader } from "./wire/reader.ts";
import type { RecordEncoder } from "./wire/record.ts";

/** What takes a module's outputs for one batch, in their order. */
export interface Answers {
  /**
   * Takes what was handed over for the records from `first` on that were sent, and gives the index after the last one that is
   * done with. The reader stands behind records and error then.
   * @throws MillraceError `module.answer`, and nothing was taken then
   */
  take(reader: WireReader, first: number, sent: RecordEncoder): number;
  /** Fails a record that no output speaks of. */
  fail(index: number, code: ErrorCode, message: string): void;
  /** All records are done with: what became of them is in play from now on. */
  finish(): void;
}

/** Says that a module gave no text with its error. */
export const noReason = "the module gave no reason";
