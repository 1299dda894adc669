import { createHash } from "node:crypto";
import { MillraceError } from "../errors.ts";
import { limits } from "../limits.ts";
import { Batch, FrameBuilder, type RecordInput } from "../record/index.ts";
import type { Position, SourcePosition, Topic } from "../topic/index.ts";
import { causeHeaders, type DeadLetterCause } from "./dead-letter.ts";

/** A record as it came from its source, and why it failed. */
export interface DeadLetter {
  /** Borrowed: it is copied before the next letter is asked for. */
  readonly record: RecordInput;
  readonly cause: DeadLetterCause;
}

/** What letters of a batch are known by when the batch is read again. */
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
 * A crash may come between the letters of a batch and the batch itself, which is read again then, as are those behind it
 * that have letters already. Where the source has places, the letters are known again by the place after their batch and
 * by what they say, and are not stored twice. For that, the marks of as many batches as can be in flight are stored in
 * the transaction of the letters: the newest one, with the earlier ones under `before`, as JSON.
 */
export class DeadLetterWriter {
  readonly #topic: Topic;
  readonly #pipeline: string;
  readonly #batchesInFlight: number;
  /** Of the batches of which letters were stored last, from the oldest on. */
  #marks: readonly Mark[];
  /** Those of an earlier run of which the batches may come again; none once one came that has other letters. */
  #known: readonly Mark[];
  readonly #batch = new Batch();
  /** Texts that come again in the letters of one frame. */
  readonly #encoded = new Map<string, Uint8Array>();

  /**
   * @param pipeline name under which the topic keeps how far the letters have come
   * @param batchesInFlight how many batches with letters may be read again after a crash
   */
  constructor(topic: Topic, pipeline: string, batchesInFlight: number) {
    this.#topic = topic;
    this.#pipeline = pipeline;
    this.#batchesInFlight = batchesInFlight;
    this.#marks = marksOf(topic.sourcePosition(pipeline));
    this.#known = this.#marks;
  }

  /**
   * Resolves once all letters are durable.
   * @param letters gives them one by one, so that not all of them are in memory at once; asked again for the same ones
   * @param after the place of the source after the batch of the letters, where it has one
   * @throws MillraceError `record.too-large` for a letter that cannot be stored; what appending to the topic throws
   */
  async write(letters: () => Iterable<DeadLetter>, after: Position | undefined): Promise<void> {
    const place = after === undefined ? undefined : JSON.stringify(after);
    if (this.#isThere(letters, place)) return;
    const { next } = this.#topic.bounds();
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
    if (place === undefined) await this.#append(builder);
    else await this.#appendLast(builder, { after: place, digest: digest.digest("hex"), first: next });
  }

  /** Whether an earlier run has stored these letters. */
  #isThere(letters: () => Iterable<DeadLetter>, place: string | undefined): boolean {
    const known = this.#known;
    if (known.length === 0) return false;
    // Letters that were dropped or replayed since are no reason to leave others out.
    const { first } = this.#topic.bounds();
    const gone = Math.max(first, this.#topic.consumerOffset(this.#pipeline) ?? 0);
    const at = known.findIndex((mark) => mark.after === place && mark.first >= gone);
    const isThere = at !== -1 && known[at]?.digest === digestOf(letters());
    this.#known = isThere ? known.slice(at + 1) : [];
    return isThere;
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

  async #appendLast(builder: FrameBuilder, mark: Mark): Promise<void> {
    this.#marks = [...this.#marks, mark].slice(-this.#batchesInFlight);
    const before = JSON.stringify(this.#marks.slice(0, -1));
    await this.#append(builder, { pipeline: this.#pipeline, position: { ...mark, before } });
  }

  async #append(builder: FrameBuilder, position?: SourcePosition): Promise<void> {
    await this.#topic.append(this.#batch.start(builder.finish()), position);
    this.#batch.release();
  }
}

function marksOf(position: Position | undefined): readonly Mark[] {
  const { before = "[]", ...last } = position ?? {};
  return [...(JSON.parse(String(before)) as readonly unknown[]), last].filter(isMark);
}

function isMark(value: unknown): value is Mark {
  const { after, digest, first } = (value ?? {}) as Record<string, unknown>;
  return typeof after === "string" && typeof digest === "string" && typeof first === "number";
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
