import { Redactor } from "../../base/index.ts";
import type { Frame } from "../../record/index.ts";
import type { Entry } from "./entry.ts";
import type { BatchEnvelope, StepRun } from "./envelope.ts";
import { editedFrame, type RecordEdit } from "./frame-edit.ts";
import { type Mask, textWithoutSecrets } from "./mask.ts";
import type { TakenStep } from "./taken.ts";

/** A batch as it was taken from a run. */
export interface TakenBatch {
  readonly number: number;
  readonly firstRecord: number;
  readonly first: Frame;
  readonly steps: readonly TakenStep[];
}

/** What a module sees of a private value is followed from record to record that was made of it. */
type Secrets = Map<string, string>;

const noSecrets: Secrets = new Map();

/**
 * The entry of a batch.
 * @param recordsMax records before the first step that go into it; those behind are left out, with all that was made of them
 */
export function batchEntry(
  { number, firstRecord, first, steps }: TakenBatch,
  recordsMax: number,
  mask: Mask | undefined,
  redactor: Redactor = new Redactor(),
): Entry<BatchEnvelope> {
  const count = Math.min(first.recordCount, recordsMax);
  const secretsOfFirst = Array.from({ length: mask === undefined ? 0 : count }, (): Secrets => new Map());
  const firstEdits = editsOf(first, secretsOfFirst, mask);
  const frames: Frame[] = [captured(first, count, firstEdits, mask)];
  const runs: StepRun[] = [];
  let before = { index: 0, count, secrets: secretsOfFirst };
  for (const { before: frame, after, origins, became, failures, threw } of steps) {
    const secretsOf = (record: number): Secrets => before.secrets[record] ?? noSecrets;
    const run = {
      before: before.index,
      became: became.slice(0, before.count),
      failures: failures
        .filter(({ record }) => record < before.count)
        .map((failure) => ({
          ...failure,
          message: redactor.redact(textWithoutSecrets(failure.message, secretsOf(failure.record))),
        })),
    };
    if (after === undefined) {
      const message = redactor.redact(textWithoutSecrets(threw?.message ?? "", all(before.secrets)));
      runs.push({
        ...run,
        after: null,
        origins: null,
        threw: { code: threw?.code ?? "module.trap", message },
      });
      break;
    }
    const kept =
      origins === undefined ? Math.min(after.recordCount, before.count) : countBelow(origins, before.count);
    const cut = origins?.slice(0, kept);
    let next = before;
    if (after !== frame) {
      const secrets =
        before.secrets.length === 0 ? [] : Array.from({ length: kept }, (_, i) => secretsOf(cut?.[i] ?? i));
      frames.push(captured(after, kept, editsOf(after, secrets, mask), mask));
      next = { index: frames.length - 1, count: kept, secrets };
    }
    const bytes = cut === undefined ? null : new Uint8Array(cut.buffer);
    runs.push({ ...run, after: next.index, origins: bytes, threw: null });
    before = next;
  }
  const masked = [...firstEdits.keys()];
  const cut = first.recordCount - count;
  return { envelope: { kind: "batch", number, firstRecord, cut, steps: runs, masked }, frames };
}

/** With a mask also bytes that are part of no record are left behind: they may be private too. */
function captured(
  frame: Frame,
  recordCount: number,
  edits: ReadonlyMap<number, RecordEdit>,
  mask: Mask | undefined,
): Frame {
  if (mask === undefined && recordCount === frame.recordCount) return frame;
  return editedFrame(frame, recordCount, edits);
}

function editsOf(
  frame: Frame,
  secrets: readonly Secrets[],
  mask: Mask | undefined,
): ReadonlyMap<number, RecordEdit> {
  const edits = new Map<number, RecordEdit>();
  for (const [index, own] of secrets.entries()) {
    const edit = mask?.edit(frame, index, own);
    if (edit !== undefined) edits.set(index, edit);
  }
  return edits;
}

function countBelow(origins: Uint32Array, bound: number): number {
  const end = origins.findIndex((origin) => origin >= bound);
  return end === -1 ? origins.length : end;
}

function all(secrets: readonly Secrets[]): Secrets {
  return new Map(secrets.flatMap((own) => [...own]));
}
