import { Batch, type RecordView } from "../../record/index.ts";
import type { Topic } from "../../topic/index.ts";
import { type RecordFormat, recordLines } from "./record-lines.ts";

/** What of a topic is to be read. */
export interface Range {
  readonly offset: number;
  /** Offset behind the last record; infinite: wait for more at the end. */
  readonly end: number;
  /** Number of records at most. */
  readonly count: number;
}

/** The records of a range as lines, some at a time, until its end or until it is time to stop. */
export async function* topicLines(
  topic: Topic,
  range: Range,
  format: RecordFormat,
  stop: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const batch = new Batch();
  let { offset, count } = range;
  while (!stop.aborted && count > 0 && offset < range.end) {
    const frame = topic.read(offset, batch.buffer);
    if (frame === undefined) {
      if (range.end !== Number.POSITIVE_INFINITY) return;
      await untilRecord(topic, offset, stop);
      continue;
    }
    batch.start(frame);
    const taken = Math.min(batch.count, count);
    for (const lines of recordLines(firstOf(batch, taken), format)) {
      if (stop.aborted) return;
      yield lines;
    }
    offset = (batch.offsetOf(0) ?? offset) + taken;
    count -= taken;
    batch.release();
  }
}

/** Resolves when there is a record, or when it is time to stop. */
async function untilRecord(topic: Topic, offset: number, stop: AbortSignal): Promise<void> {
  try {
    await topic.waitFor(offset, stop);
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}

function* firstOf(batch: Batch, count: number): Generator<RecordView> {
  for (let index = 0; index < count; index++) yield batch.at(index);
}
