import type { WasmGlobal, WasmInstance } from "../../base/index.ts";
import type { GuestLimits } from "../guest-limits.ts";
import { ownExport } from "../rewrite/index.ts";

/** A record counts once more for each of these many bytes of its batch, so that large records get more. */
const recordBytes = 4096;

/** What the records of a batch give, in units of fuel. */
export function fuelOfBatch({ fuelPerRecord }: GuestLimits, recordCount: number, byteCount: number): number {
  const shares = recordCount + Math.floor(byteCount / recordBytes);
  return Math.min(fuelPerRecord * shares, Number.MAX_SAFE_INTEGER);
}

/** The fuel of an instance, where it has a meter. */
export class FuelTank {
  readonly #global: WasmGlobal | undefined;

  constructor({ exports }: WasmInstance) {
    this.#global = exports[ownExport.fuel] as WasmGlobal | undefined;
  }

  /** Gives the next call so much, whatever is left of the last one. */
  fill(fuel: number): void {
    if (this.#global !== undefined) this.#global.value = BigInt(fuel);
  }

  /** What a call has left of this. */
  leftOf(fuel: number): number {
    return this.#global === undefined ? fuel : Number(this.#global.value);
  }

  /** The last call ended because there was no fuel left. */
  get isOut(): boolean {
    return this.#global !== undefined && this.#global.value < 0n;
  }
}
