import type { WasmInstance } from "../../../base/index.ts";
import { MillraceError, messageOf } from "../../../errors.ts";
import { word } from "../../../record/index.ts";
import type { Wasi } from "../../wasi/contract.ts";
import type { OpenableModule, OpenOptions } from "../contract.ts";
import { ShownInputs } from "../shown-inputs.ts";
import { PackedGuest } from "./guest.ts";

/** Makes instances of a module, each of them ready for records: initialised, and shown what earlier ones were shown. */
export class Instances {
  /** Frames of earlier records. */
  readonly shown = new ShownInputs();
  readonly #module: OpenableModule;
  readonly #transformName: string;
  readonly #wasi: () => Wasi;
  readonly #options: OpenOptions;

  constructor(module: OpenableModule, transformName: string, wasi: () => Wasi, options: OpenOptions) {
    this.#module = module;
    this.#transformName = transformName;
    this.#wasi = wasi;
    this.#options = options;
  }

  /**
   * @param accumulator what an aggregate goes on with; undefined for other kinds
   * @throws MillraceError `module.trap`, `module.fuel`, `module.init`, `module.look-back`, `module.answer`
   */
  start(accumulator: Uint8Array | undefined): PackedGuest {
    const { parameters, log } = this.#options;
    const wasi = this.#wasi();
    const guest = new PackedGuest(this.#module, this.#transformName, this.#instantiate(wasi), wasi);
    if (accumulator !== undefined) guest.giveAccumulator(accumulator);
    guest.init(parameters);
    for (const frame of this.shown.inputs) {
      const at = guest.regions.reserve("input", frame.length);
      guest.bytes.set(frame, at);
      guest.lookBack(at, frame.length, new Uint32Array(frame.buffer)[word.recordCount] as number);
    }
    guest.takeLog(log);
    return guest;
  }

  #instantiate(wasi: Wasi): WasmInstance {
    const { name, compiled } = this.#module;
    try {
      return wasi.instantiate(compiled, {});
    } catch (error) {
      throw new MillraceError("module.trap", `${name} could not be instantiated: ${messageOf(error)}`, {
        where: { module: name },
        hint: "there is no memory for it, or it fills memory or a table beyond their ends",
        cause: error,
      });
    }
  }
}
