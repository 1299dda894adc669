import type { MillraceError } from "../../../errors.ts";
import { limits } from "../../../limits.ts";
import type { Batch } from "../../../record/index.ts";
import type { Wasi } from "../../wasi/contract.ts";
import type { OpenableModule, OpenOptions, StateLoss, TransformCounts } from "../contract.ts";
import { isTrap, lostState, whyGivenUp } from "../traps.ts";
import { lostStateHint } from "./failures.ts";
import type { FluvioGuest } from "./guest.ts";
import type { Instance, Instances } from "./instances.ts";

/** The instance that a transform works with, and what becomes of it: a new one after a trap, or where its memory only grows. */
export class KeptInstance {
  readonly #module: string;
  readonly #instances: Instances;
  readonly #options: OpenOptions;
  readonly #counts: TransformCounts;
  readonly #looksBack: boolean;
  /** Of an instance that only grows; well below what it may have, so that there is still room for a batch. */
  readonly #bytesMax: number;
  #instance: Instance;
  #isNew = true;
  /** False when its `dealloc` has trapped. */
  #frees = true;
  #isWarnedOfMemory = false;
  /** What is worked on. */
  #batch: Batch | undefined;

  /** @throws MillraceError as `Instances.start` */
  constructor(
    module: OpenableModule,
    instances: Instances,
    options: OpenOptions,
    counts: TransformCounts,
    looksBack: boolean,
  ) {
    this.#module = module.name;
    this.#instances = instances;
    this.#options = options;
    this.#counts = counts;
    this.#looksBack = looksBack;
    this.#bytesMax = Math.min(limits.instanceBytesMax.default, module.limits.memoryBytesMax / 2);
    this.#instance = instances.start();
  }

  get guest(): FluvioGuest {
    return this.#instance.guest;
  }

  get wasi(): Wasi {
    return this.#instance.wasi;
  }

  /** True before it has been called for a record with success. */
  get isNew(): boolean {
    return this.#isNew;
  }

  get stateLoss(): StateLoss {
    const { stateful } = this.#options;
    if (stateful === true && !this.#isRepeatable) return "fatal";
    return stateful === false ? "none" : "told";
  }

  /** Tells of the batch that is worked on from now on. */
  begin(batch: Batch): void {
    this.#batch = batch;
    this.#instance.wasi.begin(batch);
  }

  /** Shows it the earlier records of an input that was written to its memory, and keeps them for one that takes its place. */
  lookBack(at: number, byteCount: number): void {
    const { bytes } = this.guest;
    this.#instances.shown.keep(bytes.slice(at, at + byteCount));
    this.#instances.lookBack(this.#instance, at, byteCount);
  }

  /** Frees what the last call handed over. @throws MillraceError as `replaceAfter` */
  free(): void {
    const { guest } = this.#instance;
    this.#isNew = false;
    try {
      if (this.#frees) guest.free();
    } catch (error) {
      if (!isTrap(error)) throw error;
      this.#frees = false;
      this.replaceAfter(error, true);
      return;
    }
    if ((guest.leaks || !this.#frees) && guest.bytes.length >= this.#bytesMax) this.#limitMemory();
  }

  /**
   * @param error why the present instance is given up
   * @param isNews false while a record is looked for that has done it before
   * @throws MillraceError the error, when a new instance cannot take the place of the old one
   */
  replaceAfter(error: MillraceError, isNews: boolean): void {
    const loss = this.stateLoss;
    if (loss === "fatal") throw lostState(error, lostStateHint);
    this.#renew();
    if (loss === "none" || !isNews) return;
    const shown = this.#isRepeatable ? " and shown the earlier records that it looked back at" : "";
    this.#warn(
      `${whyGivenUp(error)}, and a new instance has taken its place, initialised${shown}; what else it kept in its memory is ` +
        "lost (`stateful: false` on its step says that it keeps nothing)",
    );
  }

  /** What it keeps may come from earlier records, which are there to be shown again. */
  get #isRepeatable(): boolean {
    return this.#looksBack && this.#instances.shown.canRepeat;
  }

  /** The outputs of such a module stay in its memory; only a new instance gets rid of them. */
  #limitMemory(): void {
    if (this.#options.stateful === false) {
      this.#renew();
      return;
    }
    if (this.#isWarnedOfMemory) return;
    this.#isWarnedOfMemory = true;
    this.#warn(
      `its memory has grown to ${this.guest.bytes.length} bytes, since its outputs cannot be freed; ` +
        "`stateful: false` on its step lets it be replaced when it is too large",
    );
  }

  /** Puts a new instance in the place of the old one. */
  #renew(): void {
    this.#instance = this.#instances.start();
    this.#isNew = true;
    this.#counts.renewals++;
    if (this.#batch !== undefined) this.#instance.wasi.begin(this.#batch);
  }

  #warn(text: string): void {
    this.#options.log?.({ module: this.#module, level: "warn", text });
  }
}
