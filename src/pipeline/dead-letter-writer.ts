import { MillraceError } from "../errors.ts";
import { limits } from "../limits.ts";
import { Batch, FrameBuilder, type RecordInput } from "../record/index.ts";
import type { Topic } from "../topic/index.ts";
import { causeHeaders, type DeadLetterCause } from "./dead-letter.ts";

/** A record as it came from its source, and why it failed. */
export interface DeadLetter {
  /** Borrowed: it is copied before the next letter is asked for. */
  readonly record: RecordInput;
  readonly cause: DeadLetterCause;
}

/** Stores dead letters in their topic. Whoever opened the topic closes it. */
export class DeadLetterWriter {
  readonly #topic: Topic;
  readonly #batch = new Batch();
  /** Texts that come again in the letters of one frame. */
  readonly #encoded = new Map<string, Uint8Array>();

  constructor(topic: Topic) {
    this.#topic = topic;
  }

  /**
   * Resolves once all letters are durable.
   * @param letters made one by one, so that not all of them are in memory at once
   * @throws MillraceError `record.too-large` for a letter that cannot be stored; what appending to the topic throws
   */
  async write(letters: Iterable<DeadLetter>): Promise<void> {
    let builder: FrameBuilder | undefined;
    for (const letter of letters) {
      builder ??= this.#begin();
      this.#add(builder, letter);
      if (builder.byteCount < limits.deadLetterFrameBytes.default) continue;
      await this.#append(builder);
      builder = undefined;
    }
    if (builder !== undefined) await this.#append(builder);
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

  async #append(builder: FrameBuilder): Promise<void> {
    await this.#topic.append(this.#batch.start(builder.finish()));
    this.#batch.release();
  }
}
