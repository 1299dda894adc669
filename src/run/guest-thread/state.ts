import {
  addCounts,
  noCounts,
  ShownInputs,
  type StateLoss,
  type TransformCounts,
} from "../../engine/index.ts";
import { type Batch, encodeBatch, encodedBytesMax } from "../../record/index.ts";

/** What one step has done and kept, over all threads that it ran in. */
export class StepState {
  /** What the threads before the present one have done. */
  #before: TransformCounts = noCounts();
  #now: TransformCounts = noCounts();
  /** What would be lost with the present instance, as it says itself. */
  #loss: StateLoss = "none";
  /** Frames of earlier records that it was shown. */
  readonly shown = new ShownInputs();

  get counts(): TransformCounts {
    return addCounts(this.#before, this.#now);
  }

  /** What would be lost with the thread. */
  get loss(): StateLoss {
    // The instance may still have what this side was too small to keep.
    return this.#loss === "told" && !this.shown.canRepeat ? "fatal" : this.#loss;
  }

  note(loss: StateLoss, counts: TransformCounts = this.#now): void {
    this.#loss = loss;
    this.#now = counts;
  }

  keepShown(batch: Batch): void {
    const room = encodedBytesMax(batch, { offsets: true });
    const bytes = new Uint8Array(Math.ceil(room / 8) * 8);
    const words = new Uint32Array(bytes.buffer);
    const length = encodeBatch(batch, { bytes, words, at: 0 }, { offsets: true });
    this.shown.keep(bytes.slice(0, length));
  }

  /** The thread is gone, and another one takes its place. */
  renew(): void {
    this.#before = { ...this.counts, renewals: this.counts.renewals + 1 };
    this.#now = noCounts();
    this.#loss = "none";
  }
}
