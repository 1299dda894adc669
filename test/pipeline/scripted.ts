import { noCounts } from "../../src/engine/abi/contract.ts";
import type { Transform } from "../../src/engine/index.ts";
import type { Where } from "../../src/errors.ts";
import type { Reading, Rejection, Sink, Source } from "../../src/pipeline/index.ts";
import {
  type Batch,
  type Frame,
  type FrameBuffer,
  FrameBuilder,
  type RecordFailure,
} from "../../src/record/index.ts";
import type { Position } from "../../src/topic/index.ts";

/** What happened, in order, as short texts. */
export type Journal = string[];

export interface ScriptedReading {
  readonly values: readonly string[];
  readonly rejections?: readonly Rejection[];
}

/** A source that gives prepared readings, counts buffers that are out, and notes what it is told. */
export class ScriptedSource implements Source {
  readonly #readings: readonly ScriptedReading[];
  readonly #journal: Journal;
  readonly #atEnd: "end" | "wait" | Error;
  readonly #next: () => Promise<void>;
  reads = 0;
  openedAt: Position | undefined;

  /** @param next awaited before each reading, to hold the source where a test wants it */
  constructor(
    journal: Journal,
    readings: readonly ScriptedReading[],
    atEnd: "end" | "wait" | Error = "end",
    next: () => Promise<void> = async () => {},
  ) {
    this.#journal = journal;
    this.#readings = readings;
    this.#atEnd = atEnd;
    this.#next = next;
  }

  async open(position: Position | undefined): Promise<void> {
    this.openedAt = position;
    this.#journal.push("source open");
  }

  async read(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined> {
    await this.#next();
    const index = this.reads;
    const reading = this.#readings[index];
    if (reading === undefined) {
      if (this.#atEnd instanceof Error) throw this.#atEnd;
      if (this.#atEnd === "wait" && !signal.aborted) {
        await new Promise<void>((resolve) =>
          signal.addEventListener("abort", () => resolve(), { once: true }),
        );
      }
      return undefined;
    }
    this.reads++;
    const builder = new FrameBuilder(buffer);
    for (const value of reading.values) builder.add({ value });
    return {
      frame: builder.finish({ offset: index * 100 }),
      rejections: reading.rejections ?? [],
      position: { index },
      acknowledge: async (_accumulators, leftOut) => {
        const left = [...(leftOut ?? [])];
        this.#journal.push(left.length === 0 ? `ack ${index}` : `ack ${index} without ${left.join(" and ")}`);
      },
    };
  }

  async close(): Promise<void> {
    this.#journal.push("source close");
  }

  locate(frame: Frame, index: number): Where {
    return { topic: "scripted", offset: frame.baseOffset + index };
  }
}

/** A sink that keeps what it is given. */
export class ScriptedSink implements Sink {
  readonly #journal: Journal;
  readonly #beforeWrite: (write: number) => Promise<void>;
  readonly #refuses: (value: string) => boolean;
  readonly taken: string[] = [];
  #writes = 0;

  constructor(
    journal: Journal,
    beforeWrite: (write: number) => Promise<void> = async () => {},
    refuses: (value: string) => boolean = () => false,
  ) {
    this.#journal = journal;
    this.#beforeWrite = beforeWrite;
    this.#refuses = refuses;
  }

  async open(): Promise<void> {
    this.#journal.push("sink open");
  }

  async write(batch: Batch): Promise<readonly RecordFailure[]> {
    await this.#beforeWrite(this.#writes);
    this.#journal.push(`write ${this.#writes++}`);
    const refused: RecordFailure[] = [];
    for (let i = 0; i < batch.count; i++) {
      const { text } = batch.at(i);
      if (this.#refuses(text))
        refused.push({
          origin: batch.originOf(i),
          by: "scripted",
          code: "record.line-feed",
          message: "refused",
        });
      else this.taken.push(text);
    }
    return refused;
  }

  async flush(): Promise<void> {
    this.#journal.push("flush");
  }

  async close(): Promise<void> {
    this.#journal.push("sink close");
  }
}

/** Drops values that begin with "drop", fails those that begin with "fail", throws at "trap". */
export function scriptedTransform(): Transform {
  const counts = noCounts();
  return {
    kind: "filter",
    module: "scripted.wasm",
    stateful: false,
    looksBack: false,
    memoryBytes: 0,
    stateLoss: "none",
    lookBack() {},
    accumulator: () => undefined,
    counts,
    process(batch) {
      const present = batch.columns;
      const next = batch.scratch();
      let written = 0;
      counts.records += batch.count;
      for (let i = 0; i < batch.count; i++) {
        const { text } = batch.at(i);
        if (text === "trap") throw new Error("trapped");
        if (text.startsWith("fail")) {
          batch.fail({
            origin: batch.originOf(i),
            by: "scripted.wasm",
            code: "module.record",
            message: `no ${text}`,
          });
          counts.failed++;
        } else if (text.startsWith("drop")) counts.dropped++;
        else {
          (next.origins as Uint32Array)[written] = batch.originOf(i);
          next.values[written * 2] = present.values[i * 2] as number;
          next.values[written * 2 + 1] = present.values[i * 2 + 1] as number;
          written++;
          counts.kept++;
        }
      }
      batch.adopt(next, written);
    },
  };
}
