import { absent } from "../../record/index.ts";

/** The frame as the guest got it, to tell which addresses of an answer stand for bytes that the host still has. */
export interface SentFrame {
  at: number;
  bytes: number;
  /** The batch's frame was sent as it is: positions in it are positions in the batch. */
  whole: boolean;
  /** Otherwise where each record's value and key lie in the sent frame; keys are undefined where it has none. */
  values: Uint32Array;
  keys: Uint32Array | undefined;
}

/**
 * Position in the batch of bytes that the module only points to, or -1 for bytes that it made. In a gathered frame only
 * a record's own value and key can be told, which lie at `valueAt` and `keyAt` in the batch.
 */
export function ownPosition(
  sent: SentFrame,
  i: number,
  at: number,
  length: number,
  valueAt: number,
  keyAt: number,
): number {
  const from = at - sent.at;
  if (from < 0 || from + length > sent.bytes) return -1;
  if (sent.whole) return from;
  const { values, keys } = sent;
  const valueFrom = from - (values[i * 2] as number);
  if (valueFrom >= 0 && valueFrom + length <= (values[i * 2 + 1] as number)) return valueAt + valueFrom;
  if (keys === undefined || keys[i * 2 + 1] === absent) return -1;
  const keyFrom = from - (keys[i * 2] as number);
  return keyFrom >= 0 && keyFrom + length <= (keys[i * 2 + 1] as number) ? keyAt + keyFrom : -1;
}
