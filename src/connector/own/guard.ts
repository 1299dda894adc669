import { MillraceError, messageOf } from "../../errors.ts";
import type { Sink, Source } from "../../pipeline/index.ts";

/*
 * Authors of connectors throw whatever their libraries throw. What reaches people here says whose fault it is and where
 * to look, as all errors do.
 */

export function guardSource(source: Source, file: string): Source {
  return {
    open: (position) => guarded(file, "open", () => source.open(position)),
    async read(buffer, signal) {
      const reading = await guarded(file, "read", () => source.read(buffer, signal));
      if (reading?.acknowledge === undefined) return reading;
      return {
        ...reading,
        acknowledge: (accumulators, leftOut) =>
          guarded(file, "acknowledge", async () => reading.acknowledge?.(accumulators, leftOut)),
      };
    },
    close: () => guarded(file, "close", () => source.close()),
    locate: (frame, index) => source.locate(frame, index),
  };
}

export function guardSink(sink: Sink, file: string): Sink {
  return {
    open: () => guarded(file, "open", () => sink.open()),
    write: (batch, position) => guarded(file, "write", () => sink.write(batch, position)),
    flush: () => guarded(file, "flush", () => sink.flush()),
    close: () => guarded(file, "close", () => sink.close()),
  };
}

async function guarded<Result>(file: string, call: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (MillraceError.is(error)) throw error;
    throw new MillraceError("connector.failed", `the connector failed in ${call}: ${messageOf(error)}`, {
      where: { file },
      hint: "nothing is lost: what was not delivered comes again with the next run; the cause has the stack",
      cause: error,
    });
  }
}
