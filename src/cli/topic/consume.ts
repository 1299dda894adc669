import { MillraceError } from "../../errors.ts";
import { warningLines } from "../output/index.ts";
import type { CommonOptions, Session } from "../session.ts";
import { type StartPoint, startOf } from "./range.ts";
import type { RecordFormat } from "./record-lines.ts";
import { openTopic, withTopics } from "./store.ts";
import { topicLines } from "./topic-lines.ts";

export interface ConsumeOptions extends CommonOptions {
  readonly from: StartPoint;
  readonly count?: number;
  readonly follow?: boolean;
  readonly format: "value" | "json";
  readonly keyValue?: boolean;
}

/**
 * Prints the records of a topic from an offset on, up to its present end, or as they come.
 * @throws MillraceError `topic.not-found`, `topic.corrupt`, `cli.usage`
 */
export function consumeTopic(name: string, options: ConsumeOptions, session: Session): Promise<void> {
  const format = formatOf(options);
  return withTopics(options, session, async (store, folder) => {
    const topic = await openTopic(store, name, folder);
    const { stdout, stderr, screen, world } = session;
    const bounds = topic.bounds();
    const { offset, note } = startOf(options.from, bounds);
    if (note !== undefined) {
      screen.print(warningLines({ message: note, where: { topic: name } }, stderr.style).join("\n"));
    }
    const stop =
      options.follow === true ? AbortSignal.any([world.stopSignal(), stdout.closed]) : stdout.closed;
    const range = {
      offset,
      // What is appended while this runs is not read, so that it ends even beside a fast pipeline.
      end: options.follow === true ? Number.POSITIVE_INFINITY : bounds.next,
      count: options.count ?? Number.POSITIVE_INFINITY,
    };
    for await (const lines of topicLines(topic, range, format, stop)) await stdout.write(lines);
  });
}

function formatOf({ format, json, keyValue }: ConsumeOptions): RecordFormat {
  if (format === "json" || json === true) {
    if (keyValue === true) {
      throw new MillraceError("cli.usage", "--key-value is a way to print texts, not JSON", {
        hint: "leave --key-value out: each JSON object has the key in it",
      });
    }
    return "json";
  }
  return keyValue === true ? "key-value" : "value";
}
