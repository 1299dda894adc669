import type { Wasi } from "../../wasi/contract.ts";
import type { ModuleLogLine, OpenableModule, OpenOptions } from "../contract.ts";
import { ShownInputs } from "../shown-inputs.ts";
import { refusedLookBack, refusedParameters } from "./failures.ts";
import { FluvioGuest } from "./guest.ts";
import { readInitHint } from "./wire/init-output.ts";
import { InputTail, type InputVersion } from "./wire/input.ts";
import { readLookBackRefusal } from "./wire/look-back-output.ts";
import { encodeParameterMap, encodeParameters } from "./wire/parameters.ts";
import { WireReader } from "./wire/reader.ts";
import { initRefused, lookBackRefused, statusText } from "./wire/statuses.ts";

/** An instance with what it has of the world. */
export interface Instance {
  readonly guest: FluvioGuest;
  readonly wasi: Wasi;
}

/** Versions from here on have the look-back in their parameters. */
const lookBackVersion = 20;

/**
 * Makes instances of a module, each of them ready for records: initialised, which happens once in the life of an instance, and
 * shown what earlier ones were shown of earlier records.
 */
export class Instances {
  readonly tail: InputTail;
  /** Inputs of `look_back`, as they were sent. */
  readonly shown = new ShownInputs();
  readonly #module: OpenableModule;
  readonly #version: InputVersion;
  readonly #parameters: Uint8Array;
  readonly #wasi: () => Wasi;
  readonly #log: ((line: ModuleLogLine) => void) | undefined;

  /** @throws MillraceError `module.init` for parameters that cannot be written */
  constructor(module: OpenableModule, version: InputVersion, wasi: () => Wasi, options: OpenOptions) {
    const { parameters, lookBack, log } = options;
    const looksBack = module.shape.exports.some(({ name }) => name === "look_back");
    this.#module = module;
    this.#version = version;
    this.#wasi = wasi;
    this.#log = log;
    // A module that does not look back may be of a time when the parameters had no place for it.
    this.#parameters =
      version >= lookBackVersion
        ? encodeParameters(parameters, looksBack ? lookBack : undefined, module.name)
        : encodeParameterMap(parameters, module.name);
    this.tail = new InputTail(version, this.#parameters);
  }

  /**
   * A new instance.
   * @throws MillraceError `module.trap`, `module.answer`; `module.init`, `module.look-back` when it refuses what an earlier
   * one may have taken
   */
  start(): Instance {
    const wasi = this.#wasi();
    const guest = FluvioGuest.start(this.#module, wasi);
    const instance = { guest, wasi };
    this.#initialize(guest);
    for (const input of this.shown.inputs) {
      const at = guest.allocate(input.length);
      guest.bytes.set(input, at);
      this.lookBack(instance, at, input.length);
    }
    wasi.takeLog(this.#log);
    return instance;
  }

  /**
   * Shows an instance the earlier records of an input that was written to its memory.
   * @throws MillraceError `module.look-back`, `module.trap`, `module.answer`
   */
  lookBack({ guest, wasi }: Instance, at: number, byteCount: number): void {
    const status = guest.call("look_back", at, byteCount, this.#version);
    wasi.takeLog(this.#log);
    if (status >= 0) return;
    const { name } = this.#module;
    if (status !== lookBackRefused) throw refusedLookBack(name, statusText("look_back", status));
    const reader = guest.output("look_back", new WireReader(name));
    const { hint, offset } = readLookBackRefusal(reader, guest.bytes);
    throw refusedLookBack(name, `${hint || "it gave no reason"} (at the record with the offset ${offset})`);
  }

  #initialize(guest: FluvioGuest): void {
    if (!guest.has("init")) return;
    const { name } = this.#module;
    const at = guest.allocate(this.#parameters.length);
    guest.bytes.set(this.#parameters, at);
    const status = guest.call("init", at, this.#parameters.length, this.#version);
    if (status >= 0) return;
    if (status !== initRefused) throw refusedParameters(name, statusText("init", status));
    const hint = readInitHint(guest.output("init", new WireReader(name)), guest.bytes);
    throw refusedParameters(name, hint || "it gave no reason");
  }
}
