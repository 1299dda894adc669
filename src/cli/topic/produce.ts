import { MillraceError } from "../../errors.ts";
import { Batch, frameOf } from "../../record/index.ts";
import type { Topic } from "../../topic/index.ts";
import { fileInput, streamInput, typedLines } from "../input/index.ts";
import type { Outcome } from "../outcome.ts";
import { formatCount, plural, printable, warningLines } from "../output/index.ts";
import type { CommonOptions, Session } from "../session.ts";
import { producedBatches, type Shape } from "./produced-frames.ts";
import { openTopic, withTopics } from "./store.ts";

export interface ProduceOptions extends CommonOptions {
  readonly file?: string;
  readonly raw?: boolean;
  readonly key?: string;
  readonly keySeparator?: string;
}

/** What `topic produce --json` gives, also where it failed after some records. */
interface ProduceResult {
  readonly topic: string;
  /** How many records are stored. */
  readonly records: number;
  /** Offsets of the first and the last of them; null where there is none. Others may have stored some in between. */
  readonly firstOffset: number | null;
  readonly lastOffset: number | null;
}

/**
 * Stores the records of an input until it ends or somebody stops it.
 * @throws MillraceError `topic.not-found`, `cli.usage`; what ends it later is in the outcome, beside what is stored
 */
export function produceRecords(
  name: string,
  options: ProduceOptions,
  session: Session,
): Promise<Outcome<ProduceResult>> {
  const shape = shapeOf(options);
  return withTopics(options, session, async (store, folder) => {
    const topic = await openTopic(store, name, folder);
    const stored = new Stored(topic);
    let error: unknown;
    try {
      const { stdin } = session.world;
      const isDialogue = options.file === undefined && stdin.isTTY === true && shape.kind !== "raw";
      if (isDialogue) await produceTyped(stored, shape, session);
      else await produceInput(stored, shape, options, session);
    } catch (thrown) {
      error = thrown;
    }
    const { result } = stored;
    const summary = summaryOf(result);
    const { green, glyphs } = session.stdout.style;
    const isTold = error === undefined || result.records > 0;
    const sign = error === undefined ? `${green(glyphs.done)} ` : "";
    return { summary, result, text: isTold ? `${sign}${summary}` : undefined, error };
  });
}

async function produceInput(
  stored: Stored,
  shape: Shape,
  { file }: ProduceOptions,
  { world, screen, stderr }: Session,
): Promise<void> {
  const input = file === undefined ? streamInput(world.stdin, "standard input") : fileInput(file);
  const stop = world.stopSignal();
  const batches = producedBatches(input, shape, stored.batch, stop);
  for (;;) {
    const { value, done } = await batches.next();
    if (done) {
      if (value === true) {
        const message = "stopped in the middle of a line, which is not stored";
        screen.print(warningLines({ message }, stderr.style).join("\n"));
      }
      return;
    }
    await stored.append();
  }
}

/** One record after another, each stored before the next is asked for. */
async function produceTyped(stored: Stored, shape: Shape, { world, screen, stderr }: Session): Promise<void> {
  screen.print(stderr.style.dim("one record a line; Ctrl-D ends"));
  for await (const line of typedLines(world.stdin, stderr, "> ")) {
    const key = shape.kind === "keyed-lines" ? undefined : shape.key;
    const at = shape.kind === "keyed-lines" ? line.indexOf(shape.separator) : -1;
    if (shape.kind === "keyed-lines" && at === -1) {
      const message = `not stored: there is no ${JSON.stringify(shape.separator)} that ends the key`;
      screen.print(warningLines({ message }, stderr.style).join("\n"));
      continue;
    }
    const record =
      shape.kind === "keyed-lines"
        ? { key: line.slice(0, at), value: line.slice(at + shape.separator.length) }
        : { value: line, ...(key === undefined ? {} : { key }) };
    stored.batch.load(frameOf([record]));
    const offset = await stored.append();
    screen.print(stderr.style.dim(`stored at offset ${formatCount(offset)}`));
  }
}

/** What was stored so far, one batch after another. */
class Stored {
  readonly batch = new Batch();
  readonly #topic: Topic;
  #records = 0;
  #first: number | null = null;
  #last: number | null = null;

  constructor(topic: Topic) {
    this.#topic = topic;
  }

  get result(): ProduceResult {
    return {
      topic: this.#topic.name,
      records: this.#records,
      firstOffset: this.#first,
      lastOffset: this.#last,
    };
  }

  /** Stores the records of the batch. Resolves with the offset of the first once they are durable. */
  async append(): Promise<number> {
    const { count } = this.batch;
    const { firstOffset, nextOffset } = await this.#topic.append(this.batch);
    this.#records += count;
    this.#first ??= firstOffset;
    this.#last = nextOffset - 1;
    return firstOffset;
  }
}

function shapeOf({ raw, key, keySeparator }: ProduceOptions): Shape {
  if (keySeparator === undefined) return { kind: raw === true ? "raw" : "lines", key };
  const other = raw === true ? "--raw" : key === undefined ? undefined : "--key";
  if (other === undefined && keySeparator !== "") return { kind: "keyed-lines", separator: keySeparator };
  const problem =
    other === undefined
      ? "--key-separator cannot be empty"
      : `--key-separator and ${other} exclude each other`;
  throw new MillraceError("cli.usage", problem, {
    hint: other === undefined ? "give the text between key and value, such as `=`" : `leave one of them out`,
  });
}

function summaryOf({ topic, records, firstOffset, lastOffset }: ProduceResult): string {
  const name = printable(topic);
  if (firstOffset === null || lastOffset === null) return `${name}: no records`;
  const stored = `${name}: ${plural(records, "record")} stored`;
  if (records === 1) return `${stored}, at offset ${formatCount(firstOffset)}`;
  const isDense = lastOffset - firstOffset + 1 === records;
  const range = `${formatCount(firstOffset)} to ${formatCount(lastOffset)}`;
  return isDense ? `${stored}, offsets ${range}` : `${stored}, among the offsets ${range}`;
}
