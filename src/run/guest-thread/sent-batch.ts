import type { WasmMemory } from "../../base/index.ts";
import { Batch, type BatchState, FrameBuffer } from "../../record/index.ts";
import type { SentBatch } from "./protocol.ts";

/** One side's view of a batch that goes to and fro. */
export class TravellingBatch {
  readonly #number: number;
  /** The memory that the other side has. */
  #known: WasmMemory | undefined;
  readonly batch: Batch;

  constructor(number: number, batch: Batch, known?: WasmMemory) {
    this.#number = number;
    this.batch = batch;
    this.#known = known;
  }

  /** The view of a batch that was made on the other side. */
  static from({ batch, memory }: SentBatch): TravellingBatch {
    return new TravellingBatch(batch, new Batch(FrameBuffer.on(memory as WasmMemory)), memory);
  }

  /**
   * What to tell the other side, to which it belongs from then on.
   * @param state where it stands, where that is not what the batch says
   */
  send(state: BatchState = this.batch.state()): SentBatch {
    const { memory } = this.batch.buffer;
    const isKnown = memory === this.#known;
    this.#known = memory;
    return { batch: this.#number, memory: isKnown ? undefined : memory, state };
  }

  /** Takes over what the other side has made of it. */
  receive({ memory, state }: SentBatch): void {
    this.#known = memory ?? this.#known;
    this.batch.buffer.resume(this.#known as WasmMemory, state.used);
    this.batch.resume(state);
  }

  /** The other side is gone, and the next one has nothing of it. */
  forget(): void {
    this.#known = undefined;
  }
}
