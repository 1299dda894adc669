import type { Batch, BatchState } from "../../record/index.ts";
import type { Refusal, Reply, Request } from "./protocol.ts";
import type { TravellingBatch } from "./sent-batch.ts";

/** Something that a guest thread is to do, until its answer is there: with another thread it begins anew. */
export interface Work {
  readonly number: number;
  readonly kind: Request["kind"];
  /** Of a look-back: index of the step that is shown the batch. */
  readonly step: number;
  readonly travelling: TravellingBatch;
  /** Where the batch stood when it came. Its bytes stay as they were: what modules make of them stands behind them. */
  readonly state: BatchState;
  /** There when the records go in one by one, with those that are not to go in again. */
  refusals: Refusal[] | undefined;
  resolve(reply: Reply): void;
  reject(error: unknown): void;
}

/** Where a batch stands, in columns that nobody writes into: only what is not as it was read has columns that need this. */
export function keptState(batch: Batch): BatchState {
  const state = batch.state();
  const { columns } = state;
  if (columns === undefined) return state;
  const { origins, values, keys, timestamps, headers } = columns;
  return {
    ...state,
    columns: {
      origins: origins?.slice(),
      values: values.slice(),
      keys: keys?.slice(),
      timestamps: timestamps?.slice(),
      headers: headers?.slice(),
    },
  };
}

export function requestOf({ kind, number, step, travelling, state, refusals }: Work): Request {
  const sent = travelling.send(state);
  return kind === "look-back"
    ? { kind, work: number, step, ...sent }
    : { kind, work: number, refusals, ...sent };
}
