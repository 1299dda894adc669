import { type WasmInstance, webAssembly } from "../../../base/index.ts";
import { MillraceError, messageOf } from "../../../errors.ts";
import { limits } from "../../../limits.ts";
import { type Batch, encodeBatch, encodedBytesMax, word } from "../../../record/index.ts";
import { AnswerReader, type SentFrame } from "../../answer-reader.ts";
import {
  noCounts,
  type OpenableModule,
  type OpenOptions,
  type Transform,
  type TransformCounts,
  type TransformKind,
} from "../contract.ts";
import { PackedGuest } from "./guest.ts";

const keepOffsets = { offsets: true } as const;

/**
 * Opens an instance of a packed module and initialises it.
 * @throws MillraceError `module.trap`, `module.init`, `module.answer`
 */
export async function openPacked(
  module: OpenableModule,
  kind: TransformKind,
  transformName: string,
  options: OpenOptions,
): Promise<Transform> {
  let instance: WasmInstance;
  try {
    instance = await webAssembly.instantiate(module.compiled, {});
  } catch (error) {
    throw new MillraceError("module.trap", `${module.name} could not be instantiated: ${messageOf(error)}`, {
      where: { module: module.name },
      hint: "its start function trapped, or there is no memory for it",
      cause: error,
    });
  }
  const guest = new PackedGuest(module, transformName, instance);
  guest.init(options.parameters);
  return new PackedTransform(module.name, kind, guest, options.now);
}

/**
 * Moves a batch into the guest in one piece, calls it until every record has its verdict, and takes the answers back.
 */
class PackedTransform implements Transform {
  readonly kind: TransformKind;
  readonly module: string;
  readonly counts: TransformCounts = noCounts();
  readonly #guest: PackedGuest;
  readonly #now: () => number;
  readonly #sent: SentFrame = { at: 0, bytes: 0, whole: true, values: new Uint32Array(0), keys: undefined };

  constructor(module: string, kind: TransformKind, guest: PackedGuest, now: (() => number) | undefined) {
    this.module = module;
    this.kind = kind;
    this.#guest = guest;
    this.#now = now ?? (() => 0);
  }

  get stateful(): boolean {
    return this.#guest.stateful;
  }

  process(batch: Batch): void {
    const { counts } = this;
    const guest = this.#guest;
    const recordCount = batch.count;
    if (recordCount === 0) return;
    const start = this.#now();
    this.#moveIn(batch);
    let then = this.#now();
    counts.copyInMs += then - start;
    const reader = new AnswerReader(batch, this.kind, this.module, this.#sent, counts);
    let first = 0;
    while (first < recordCount) {
      const answer = guest.call(first, recordCount);
      const answered = this.#now();
      counts.guestMs += answered - then;
      counts.calls++;
      reader.take(answer);
      if (answer.end === first) first = this.#widen(reader, first);
      else first = answer.end;
      then = this.#now();
      counts.gatherMs += then - answered;
    }
    reader.finish();
    counts.gatherMs += this.#now() - then;
    counts.batches++;
    counts.records += recordCount;
  }

  #moveIn(batch: Batch): void {
    const guest = this.#guest;
    const room = encodedBytesMax(batch, keepOffsets);
    const at = guest.inputRegion(room);
    guest.answerRegion(batch.count);
    guest.outputRegion(Math.max(room, limits.batchBytes.default));
    const bytes = encodeBatch(batch, { bytes: guest.bytes, words: guest.words, at }, keepOffsets);
    this.#sent.at = at;
    this.#sent.bytes = bytes;
    this.#sent.whole = batch.untouched;
    if (!batch.untouched) this.#rememberSpans(at, batch);
    guest.present(at, bytes);
    this.counts.bytesIn += bytes;
  }

  /** A gathered frame has other positions than the batch: they are noted before the guest could change them. */
  #rememberSpans(at: number, batch: Batch): void {
    const { words } = this.#guest;
    const length = batch.count * 2;
    const copyOf = (column: number): Uint32Array =>
      words.slice((at + column) / 4, (at + column) / 4 + length);
    const keysAt = words[at / 4 + word.keysAt] as number;
    this.#sent.values = copyOf(words[at / 4 + word.valuesAt] as number);
    this.#sent.keys = keysAt === 0 ? undefined : copyOf(keysAt);
  }

  /**
   * The module finished nothing: it gets a larger output region, and when there is none, the record is what does not
   * fit.
   */
  #widen(reader: AnswerReader, first: number): number {
    const guest = this.#guest;
    const isWider = guest.widenOutput();
    guest.present(this.#sent.at, this.#sent.bytes);
    if (isWider) return first;
    reader.fail(first, "module.record", `its output does not fit into ${guest.outputBytes} bytes`);
    return first + 1;
  }
}
