import {
  type CompiledModule,
  compileBase64,
  type WasmGlobal,
  type WasmInstance,
  webAssembly,
} from "../../base/index.ts";
import { ownExport } from "../rewrite/index.ts";
import { tankBinary } from "./tank-binary.ts";

/** `tank.wat` has their contracts. */
interface Tank {
  fill(fuel: number): void;
  left(): number;
}

let compiled: CompiledModule | undefined;

/** The fuel of an instance, where it has a meter. */
export class FuelTank {
  readonly #tank: Tank | undefined;

  constructor({ exports }: WasmInstance) {
    const fuel = exports[ownExport.fuel] as WasmGlobal | undefined;
    if (fuel === undefined) return;
    compiled ??= compileBase64(tankBinary);
    this.#tank = new webAssembly.Instance(compiled, { guest: { fuel } }).exports as unknown as Tank;
  }

  /** Gives the next call so much, whatever is left of the last one. */
  fill(fuel: number): void {
    this.#tank?.fill(fuel);
  }

  /** What a call has left of this. */
  leftOf(fuel: number): number {
    return this.#tank === undefined ? fuel : this.#tank.left();
  }

  /** The last call ended because there was no fuel left. */
  get isOut(): boolean {
    return this.#tank !== undefined && this.#tank.left() < 0;
  }
}
