import { createHash } from "node:crypto";
import { MillraceError } from "../errors.ts";
import { limits } from "../limits.ts";
import { Batch, FrameBuilder, type RecordInput } from "../record/index.ts";
import type { Position, Topic } from "../topic/index.ts";
import { causeHeaders, type DeadLetterCause } from "./dead-letter.ts";

/** A record as it came from its source, and why it failed. */
export interface DeadLetter {
  /** Borrowed: it is copied before the next letter is asked for. */
  readonly record: RecordInput;
  readonly cause: DeadLetterCause;
}

/** What is stored with the letters of a batch, in their transaction, to know them by when the batch is read again. */
interface Mark {
  /** The place of the source after the batch, as JSON. */
  readonly after: string;
  /** Of what the letters say, without the time. */
  readonly digest: string;
  /** Offset of the first of them. */
  readonly first: number;
}

/**
 * Stores dead letters in their topic. Whoever opened the topic closes it.
 *
 * A crash may come between the letters of a batch and the batch itself, which is read again then. Where the source has
 * places, the letters are known again by the place after the batch and by what they say, and are not stored twice.
 */
export class DeadLetterWriter {
  readonly #topic: Topic;
  readonly #pipeline: string;
  /** Of the letters that an earlier run stored last; undefined once this one has stored some. */
  #mark: Mark | undefined;
  readonly #batch = new Batch();
  /** Texts that come again in the letters of one frame. */
  readonly #encoded = new Map<string, Uint8Array>();

  /** @param pipeline name under which the topic keeps how far the letters have come */
  constructor(topic: Topic, pipeline: string) {
    this.#topic = topic;
    this.#pipeline = pipeline;
    this.#mark = markOf(topic.sourcePosition(pipeline));
  }

  /**
   * Resolves once all letters are durable.
   * @param letters gives them one by one, so that not all of them are in memory at once; asked again for the same ones
   * @param after the place of the source after the batch of the letters, where it has one
   * @throws MillraceError `record.too-large` for a letter that cannot be stored; what appending to the topic throws
   */
  async write(letters: () => Iterable<DeadLetter>, after: Position | undefined): Promise<void> {
    const known = this.#mark;
    this.#mark = undefined;
    const place = after === undefined ? undefined : JSON.stringify(after);
    const { first, next } = this.#topic.bounds();
    // Letters that were dropped or replayed since are no reason to leave others out.
    const gone = Math.max(first, this.#topic.consumerOffset(this.#pipeline) ?? 0);
    const mayBeThere = known !== undefined && known.after === place && known.first >= gone;
    if (mayBeThere && known.digest === digestOf(letters())) return;
    const digest = createHash("sha256");
    let builder: FrameBuilder | undefined;
    for (const letter of letters()) {
      if (builder !== undefined && builder.byteCount >= limits.deadLetterFrameBytes.default) {
        await this.#append(builder);
        builder = undefined;
      }
      builder ??= this.#begin();
      this.#add(builder, letter);
      if (place !== undefined) addTo(digest, letter);
    }
    if (builder === undefined) return;
    await this.#append(
      builder,
      place === undefined ? undefined : { after: place, digest: digest.digest("hex"), first: next },
    );
  }

  #begin(): FrameBuilder {
    this.#batch.release();
    this.#encoded.clear();
    return new FrameBuilder(this.#batch.buffer);
  }

  #add(builder: FrameBuilder, { record, cause }: DeadLetter): void {
    try {
      builder.add({ ...record, headers: [...(record.headers ?? []), ...causeHeaders(cause, this.#encoded)] });
    } catch (error) {
      if (!MillraceError.is(error)) throw error;
      throw new MillraceError(
        error.code,
        `a record that ${cause.stage} ${cause.by} failed cannot be kept as a dead letter (${error.message}): ${cause.message}`,
        {
          where: { topic: this.#topic.name },
          hint: `the record is at ${cause.place}; set \`onError: skip\` there to go on without it`,
          cause: error,
        },
      );
    }
  }

  async #append(builder: FrameBuilder, mark?: Mark): Promise<void> {
    const position = mark && { pipeline: this.#pipeline, position: { ...mark } };
    await this.#topic.append(this.#batch.start(builder.finish()), position);
    this.#batch.release();
  }
}

function markOf(position: Position | undefined): Mark | undefined {
  const { after, digest, first } = position ?? {};
  if (typeof after !== "string" || typeof digest !== "string" || typeof first !== "number") return undefined;
  return { after, digest, first };
}

function digestOf(letters: Iterable<DeadLetter>): string {
  const digest = createHash("sha256");
  for (const letter of letters) addTo(digest, letter);
  return digest.digest("hex");
}

function addTo(digest: ReturnType<typeof createHash>, { record: { value, key }, cause }: DeadLetter): void {
  const { time: _time, ...rest } = cause;
  const parts = [value, key ?? "", JSON.stringify(rest)];
  digest.update(`${value.length} ${key?.length} `);
  for (const part of parts) digest.update(part);
}
