import { limits } from "../../src/limits.ts";
import type { Reading, Sink, Source } from "../../src/pipeline/index.ts";
import type { FrameBuffer } from "../../src/record/index.ts";
import { type Judge, Violation } from "./judge.ts";
import type { World } from "./world.ts";

/** Stands between a pipeline and its ends, and sees that it keeps to their contracts. */
export class Watch {
  readonly #world: World;
  readonly #judge: Judge;
  /** What was broken first; inside of a pipeline a throw would only be one more failure. */
  violation: Violation | undefined;
  #readings = 0;
  #readsBegun = 0;
  #writesSettled = 0;
  #unflushedBytes = 0;

  constructor(world: World, judge: Judge) {
    this.#world = world;
    this.#judge = judge;
  }

  /** @param readsTopic its frames say which items they hold; other sources tell it themselves */
  source(source: Source, readsTopic: boolean): Source {
    const calls = new Calls("source", this);
    return {
      open: (position) => calls.run("open", ["new"], "open", () => source.open(position)),
      read: (buffer, signal) =>
        calls.run("read", ["open"], "open", async () => {
          this.#beginRead(buffer, signal);
          const reading = await source.read(buffer, signal);
          if (reading === undefined) {
            this.#world.note("source: no more");
            return undefined;
          }
          return this.#reading(reading, readsTopic);
        }),
      close: () => calls.run("close", ["new", "open"], "closed", () => source.close()),
      locate: (frame, index) => source.locate(frame, index),
    };
  }

  sink(sink: Sink): Sink {
    const calls = new Calls("sink", this);
    return {
      refusesNone: sink.refusesNone ?? false,
      open: () => calls.run("open", ["new"], "open", () => sink.open()),
      write: (batch, position) =>
        calls.run("write", ["open"], "open", async () => {
          this.#world.note(`sink: write ${batch.count} records`);
          this.guard(() => {
            const most = limits.unflushedBytesMax.default;
            if (this.#unflushedBytes >= most)
              throw new Violation(`more is written, and ${most} bytes are not flushed`);
          });
          this.#unflushedBytes += batch.frame.bytes.length;
          const refused = await sink.write(batch, position);
          this.#writesSettled++;
          return refused;
        }),
      flush: () =>
        calls.run("flush", ["open"], "open", async () => {
          this.#world.note("sink: flush");
          await sink.flush();
          this.#unflushedBytes = 0;
        }),
      close: () => calls.run("close", ["new", "open"], "closed", () => sink.close()),
    };
  }

  /** Says that something does not hold, and goes on. */
  guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.violation ??= error;
    }
  }

  #beginRead(buffer: FrameBuffer, signal: AbortSignal): void {
    this.#readsBegun++;
    this.guard(() => {
      const inFlight = this.#readsBegun - this.#writesSettled;
      const most = limits.framesInFlightMax.default;
      if (inFlight > most) throw new Violation(`${inFlight} readings are in flight, ${most} is the limit`);
      if (buffer.used > 0) throw new Violation("a source is given a buffer that is not empty");
      if (signal.aborted) throw new Violation("a read is begun after the stop");
    });
  }

  #reading(reading: Reading, readsTopic: boolean): Reading {
    const index = this.#readings++;
    const { frame } = reading;
    if (readsTopic) {
      const range = { from: frame.baseOffset, to: frame.baseOffset + frame.recordCount };
      this.guard(() => this.#judge.reading(range));
    }
    this.#world.note(`source: reading ${index} to item ${this.#judge.readTo}`);
    return {
      ...reading,
      acknowledge: async (accumulators) => {
        this.#world.note(`source: reading ${index} is acknowledged`);
        this.guard(() => this.#judge.acknowledge(index));
        await reading.acknowledge?.(accumulators);
      },
    };
  }
}

/** Calls of one end, which come in an order and never overlap. */
class Calls {
  readonly #end: string;
  readonly #watch: Watch;
  #state = "new";
  #running: string | undefined;

  constructor(end: string, watch: Watch) {
    this.#end = end;
    this.#watch = watch;
  }

  async run<Result>(
    call: string,
    from: readonly string[],
    to: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    this.#watch.guard(() => {
      if (this.#running !== undefined) {
        throw new Violation(`${call} of the ${this.#end} is called while ${this.#running} is under way`);
      }
      if (!from.includes(this.#state)) {
        throw new Violation(`${call} of the ${this.#end} is called when it is ${this.#state}`);
      }
    });
    this.#running = call;
    try {
      const result = await work();
      this.#state = to;
      return result;
    } finally {
      this.#running = undefined;
    }
  }
}
