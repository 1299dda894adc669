import { MillraceError } from "../../errors.ts";
import type { StepToOpen } from "../open-steps.ts";
import { opening } from "./progress.ts";
import type { ThreadEnd } from "./thread.ts";
import type { Work } from "./work.ts";

/** A thread that was ended, or has ended by itself. */
export type Lost = Exclude<ThreadEnd, { readonly how: "failed" }>;

/**
 * Finds out what has cost a thread. A batch goes in again with its records one by one; a record that was alone in hand then
 * is not to go in any more.
 * @param head what the thread had to do first
 * @throws MillraceError `module.deadline` where it was no record
 */
export function attribute(lost: Lost, head: Work | undefined, steps: readonly StepToOpen[]): void {
  const inHand = lost.how === "overdue" ? lost.late : lost.last;
  if (inHand === undefined) return;
  const { step, record } = inHand;
  const isOfBatch = head?.kind === "process" && head.number === inHand.work;
  if (!isOfBatch || (head.refusals !== undefined && record === undefined)) {
    if (lost.how === "overdue") throw overdueForNoRecord(steps[step], inHand.work === opening);
    return;
  }
  if (head.refusals === undefined) {
    head.refusals = [];
    return;
  }
  if (record === undefined) return;
  head.refusals.push(
    lost.how === "overdue"
      ? {
          ...record,
          step,
          code: "module.deadline",
          message: `took longer than ${deadlineOf(steps[step])} ms; \`deadline\` under \`limits:\` says how long it may take`,
        }
      : {
          ...record,
          step,
          code: "module.thread",
          message: `the thread of the module ended while it worked on this record: ${lost.why}`,
        },
  );
}

function overdueForNoRecord(step: StepToOpen | undefined, isOpening: boolean): MillraceError {
  const doing = isOpening ? "to get ready" : "for a call that is for no record";
  return new MillraceError(
    "module.deadline",
    `${nameOf(step)} took longer than ${deadlineOf(step)} ms ${doing}, and its thread was ended`,
    {
      where: step?.where,
      hint: "the fault is in the module; if it needs that long, raise `deadline` under `limits:`",
    },
  );
}

/** What a step kept mattered, and it was in the thread. */
export function lostWithThread(
  lost: Lost,
  keeper: StepToOpen | undefined,
  steps: readonly StepToOpen[],
): MillraceError {
  const hint =
    "later records may need it; `stateful: false` on its step lets a new instance take its place, and then only the record " +
    "is failed";
  const what = `what ${nameOf(keeper)} kept in its memory is lost with it`;
  if (lost.how === "died") {
    const text = `the thread of the modules has ended (${lost.why}), and ${what}`;
    return new MillraceError("module.thread", text, { where: keeper?.where, hint, cause: lost.cause });
  }
  return new MillraceError("module.deadline", `${overdue(lost, steps)}; its thread was ended, and ${what}`, {
    where: keeper?.where,
    hint,
  });
}

/** `a.wasm took longer than its deadline of 10000 ms`. */
export function overdue(
  { late }: Extract<Lost, { readonly how: "overdue" }>,
  steps: readonly StepToOpen[],
): string {
  const step = steps[late?.step ?? 0];
  return `${nameOf(step)} took longer than its deadline of ${deadlineOf(step)} ms`;
}

/** Nothing more is to be had of a thread, or of those that came after it. */
export function threadEnded(how: string, cause?: unknown): MillraceError {
  return new MillraceError("module.thread", `the thread of the modules has ended: ${how}`, {
    hint: "nothing is lost: what was not delivered is read again by the next run; with little memory, make smaller batches",
    cause,
  });
}

function nameOf(step: StepToOpen | undefined): string {
  return step?.module.name ?? "a module";
}

function deadlineOf(step: StepToOpen | undefined): number {
  return step?.module.limits.deadlineMs ?? 0;
}
