import type { WasmInstance } from "../../../base/index.ts";
import { MillraceError, messageOf } from "../../../errors.ts";
import { word } from "../../../record/index.ts";
import { isRestorable } from "../../rewrite/index.ts";
import type { Wasi } from "../../wasi/contract.ts";
import type { OpenableModule, OpenOptions } from "../contract.ts";
import { ShownInputs } from "../shown-inputs.ts";
import { PackedGuest } from "./guest.ts";
import { InstanceImage } from "./image.ts";
import { RoomWanted } from "./room.ts";

/** So many images in vain, and there are no more. */
const imagesUnusedMax = 4;

/** Makes instances of a module, each of them ready for records: initialised, and shown what earlier ones were shown. */
export class Instances {
  /** Frames of earlier records. */
  readonly shown = new ShownInputs();
  readonly #module: OpenableModule;
  readonly #transformName: string;
  readonly #wasi: () => Wasi;
  readonly #options: OpenOptions;
  readonly #isRestorable: boolean;
  /** Of the newest instance, from when it was ready. */
  #image: InstanceImage | undefined;
  /** Images in a row that were of no use: a module that grows its own memory for each record is never what it was. */
  #imagesUnused = 0;
  /** A new instance gets its regions at once: memory that grows later has no image. */
  readonly #roomWanted = new RoomWanted();

  constructor(module: OpenableModule, transformName: string, wasi: () => Wasi, options: OpenOptions) {
    this.#module = module;
    this.#transformName = transformName;
    this.#wasi = wasi;
    this.#options = options;
    this.#isRestorable = isRestorable(module.compiled);
  }

  /**
   * @param accumulator what an aggregate goes on with; undefined for other kinds
   * @throws MillraceError `module.trap`, `module.fuel`, `module.init`, `module.look-back`, `module.answer`
   */
  start(accumulator: Uint8Array | undefined): PackedGuest {
    return this.#start(accumulator).guest;
  }

  /**
   * Gives what takes the place of a guest that was given up: the same one put back to what it was when it was ready, where that
   * can be, or one with a new instance.
   * @throws MillraceError as `start`
   */
  renew(guest: PackedGuest, accumulator: Uint8Array | undefined): PackedGuest {
    if (this.#image?.restore(guest) === true) return guest;
    // One that a whole batch went into is of no use as a measure: what comes next goes in by parts.
    if (guest.regions.isSparing) this.#roomWanted.learn(guest.regions.room);
    if (this.#image !== undefined) this.#imagesUnused = this.#image.wasUsed ? 0 : this.#imagesUnused + 1;
    const made = this.#start(accumulator);
    // An accumulator and earlier records may be others the next time.
    const mayRepeat = accumulator === undefined && this.shown.inputs.length === 0;
    if (mayRepeat && this.#isRestorable && this.#imagesUnused < imagesUnusedMax) {
      made.guest.regions.make(this.#roomWanted);
      this.#image = InstanceImage.of(made.instance, made.guest);
    }
    return made.guest;
  }

  #start(accumulator: Uint8Array | undefined): {
    readonly guest: PackedGuest;
    readonly instance: WasmInstance;
  } {
    this.#image = undefined;
    const { parameters, log } = this.#options;
    const wasi = this.#wasi();
    const instance = this.#instantiate(wasi);
    const guest = new PackedGuest(this.#module, this.#transformName, instance, wasi);
    if (accumulator !== undefined) guest.giveAccumulator(accumulator);
    guest.init(parameters);
    for (const frame of this.shown.inputs) {
      const at = guest.regions.reserve("input", frame.length);
      guest.bytes.set(frame, at);
      guest.lookBack(at, frame.length, new Uint32Array(frame.buffer)[word.recordCount] as number);
    }
    guest.takeLog(log);
    return { guest, instance };
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
