import type { WasmInstance, WasmMemory } from "../../../base/index.ts";
import { pageBytes } from "../../../base/index.ts";
import type { MillraceError } from "../../../errors.ts";
import type { OpenableModule } from "../contract.ts";
import { firstCalls } from "../first-calls.ts";
import { fuelOfBatch } from "../fuel.ts";
import { type Budget, outOfFuel, setupBudget } from "../fuel-failure.ts";
import { FuelTank } from "../tank.ts";
import { trapped } from "./guest-failures.ts";

/** What a guest says of a call that has ended badly. */
export interface LastWords {
  /** Index of the record in hand, in a call that has one. */
  readonly record: number | undefined;
  /** The text that the module left, or an empty one. */
  readonly said: string;
}

const noWords = (): LastWords => ({ record: undefined, said: "" });

/**
 * Calls functions of a guest, each on the fuel that it may use. The calls for a batch share one budget; any other call
 * gets `fuelPerSetup`.
 */
export class GuestCalls {
  readonly #module: OpenableModule;
  readonly #memory: WasmMemory;
  readonly #tank: FuelTank;
  #batchFuel = 0;
  #batchFuelLeft = 0;
  #fuelUsed = 0;
  #batchRecords = 0;

  constructor(module: OpenableModule, instance: WasmInstance) {
    this.#module = module;
    this.#memory = instance.exports.memory as WasmMemory;
    this.#tank = new FuelTank(instance);
    for (const { exported, call } of firstCalls(instance)) this.setup(exported, call, noWords);
  }

  /**
   * Calls a function that works on no records.
   * @param exported its name; undefined: the start function
   * @throws MillraceError `module.trap`, `module.fuel`
   */
  setup<Result>(exported: string | undefined, call: () => Result, lastWords: () => LastWords): Result {
    const fuel = this.#module.limits.fuelPerSetup;
    this.#tank.fill(fuel);
    try {
      return call();
    } catch (error) {
      throw this.#failure(exported, error, lastWords(), setupBudget(fuel));
    }
  }

  /** Begins a batch, or a part of one, with the fuel that its records give. */
  beginBatch(recordCount: number, byteCount: number): void {
    this.#batchRecords = recordCount;
    this.#batchFuel = fuelOfBatch(this.#module.limits, recordCount, byteCount);
    this.#batchFuelLeft = this.#batchFuel;
    this.#fuelUsed = 0;
  }

  /** What the calls for the batch have used since it began, or since this was asked; 0 without a meter. */
  takeFuelUsed(): number {
    const used = this.#fuelUsed;
    this.#fuelUsed = 0;
    return used;
  }

  /** Calls a function that works on records of the batch. @throws MillraceError `module.trap`, `module.fuel` */
  forBatch<Result>(exported: string, call: () => Result, lastWords: () => LastWords): Result {
    this.#tank.fill(this.#batchFuelLeft);
    try {
      return call();
    } catch (error) {
      const records = this.#batchRecords === 1 ? "1 record" : `${this.#batchRecords} records`;
      const text = `${this.#batchFuel} for a batch of ${records}`;
      throw this.#failure(exported, error, lastWords(), { text, key: "fuel-per-record" });
    } finally {
      const left = Math.max(0, this.#tank.leftOf(this.#batchFuelLeft));
      this.#fuelUsed += this.#batchFuelLeft - left;
      this.#batchFuelLeft = left;
    }
  }

  #failure(
    exported: string | undefined,
    thrown: unknown,
    { record, said }: LastWords,
    budget: Budget,
  ): MillraceError {
    const where = { module: this.#module.name, export: exported };
    if (!this.#tank.isOut) return trapped(where, record, said, thrown, this.#memoryNote());
    return outOfFuel(where, record, budget, thrown);
  }

  /** Who has used more than half of its memory may have asked for more than there is. */
  #memoryNote(): string | undefined {
    const { shape, limits } = this.#module;
    const had = this.#memory.buffer.byteLength;
    const own = (shape.memories[0]?.pagesMax ?? Number.POSITIVE_INFINITY) * pageBytes;
    const most = Math.min(own, limits.memoryBytesMax);
    if (had * 2 <= most) return undefined;
    return most === own
      ? `it had ${had} bytes of memory, and was built for ${most} at most; build it with a larger maximum if it needs more`
      : `it had ${had} bytes of memory, and ${most} is the limit; raise \`memory-bytes\` under \`limits:\` if it needs more`;
  }
}
