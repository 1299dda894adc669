import { type CompiledModule, webAssembly } from "../../base/index.ts";
import { MillraceError, messageOf } from "../../errors.ts";
import { type Abi, abiOf } from "../abi/index.ts";
import { type GuestLimits, guestLimits } from "../guest-limits.ts";
import { rewriteModule } from "../rewrite/index.ts";
import { sha256Of } from "./sha256.ts";
import { type ModuleShape, readShape } from "./shape.ts";

/** What a module is made of; unlike the module itself it can be handed to another thread. */
export type ModuleParts = Omit<Module, "abi" | "sha256">;

/** A SmartModule that was compiled and recognised, ready to be opened any number of times. */
export interface Module {
  /** What people call it, such as its file name. */
  readonly name: string;
  /** Of the bytes as they were given. */
  readonly shape: ModuleShape;
  readonly abi: Abi;
  /** With the limits built in. */
  readonly compiled: CompiledModule;
  readonly limits: GuestLimits;
  /**
   * The hash of the bytes as they were given, in hex. It is computed when it is asked for: to load what the platform does that
   * with takes longer than to run a small module on a record.
   */
  sha256(): Promise<string>;
}

const magic = [0x00, 0x61, 0x73, 0x6d];

/**
 * Compiles the bytes of a SmartModule with its limits built in, and finds out which ABI it speaks. Nothing of it runs yet.
 *
 * @param name what errors call it
 * @param given limits other than the usual ones
 * @throws MillraceError `module.not-wasm`, `module.too-large`, `module.memory`, `module.rewrite`, `module.abi`,
 * `module.import`
 */
export async function loadModule(
  bytes: Uint8Array,
  name: string,
  given: Partial<GuestLimits> = {},
): Promise<Module> {
  if (magic.some((byte, at) => bytes[at] !== byte)) {
    throw new MillraceError(
      "module.not-wasm",
      `${name} is not a WebAssembly module: it does not begin with 00 61 73 6d`,
      {
        where: { module: name },
        hint:
          bytes.length === 0 ? "the file is empty" : "give the built .wasm file, not its source or text form",
      },
    );
  }
  const limits = guestLimits(given);
  if (bytes.length > limits.moduleBytesMax) throw tooLarge(name, bytes.length, limits.moduleBytesMax);
  // Bytes on shared memory are refused by the platform's compiler and digest, and the caller may reuse its buffer.
  const copy = new Uint8Array(bytes);
  await validate(copy, name);
  const shape = readShape(copy);
  // Before the limits are built in: what is no SmartModule at all should be said to be that.
  const abi = abiOf(shape, name);
  const compiled = await compileWithin(limits, copy, name);
  let hash: Promise<string> | undefined;
  const sha256 = (): Promise<string> => {
    hash ??= sha256Of(copy);
    return hash;
  };
  return { name, shape, abi, compiled, limits, sha256 };
}

/** Only what the platform takes may be rewritten: an index that leads nowhere could come to lead to what is added. */
async function validate(bytes: Uint8Array, name: string): Promise<void> {
  try {
    await webAssembly.compile(bytes);
  } catch (error) {
    throw new MillraceError("module.not-wasm", `${name} does not compile: ${messageOf(error)}`, {
      where: { module: name },
      hint: "the file is damaged, or needs a WebAssembly feature that this version of the platform lacks",
      cause: error,
    });
  }
}

async function compileWithin(
  { memoryBytesMax, tableElementsMax, fuel, fuelPerSetup }: GuestLimits,
  bytes: Uint8Array,
  name: string,
): Promise<CompiledModule> {
  const options = { memoryBytesMax, tableElementsMax, fuel: fuel ? fuelPerSetup : undefined };
  const rewritten = rewriteModule(bytes, name, options);
  try {
    return await webAssembly.compile(rewritten);
  } catch (error) {
    throw new MillraceError(
      "module.rewrite",
      `${name} does not compile with its limits built in: ${messageOf(error)}`,
      {
        where: { module: name },
        hint: "perhaps a function is near the largest that the platform takes; build it with smaller ones",
        cause: error,
      },
    );
  }
}

function tooLarge(name: string, byteCount: number, bytesMax: number): MillraceError {
  return new MillraceError(
    "module.too-large",
    `${name} has ${byteCount} bytes, and ${bytesMax} is the limit`,
    {
      where: { module: name },
      hint: "strip its debug information, or raise `module-bytes` under `limits:`",
    },
  );
}

export function partsOf({ name, shape, compiled, limits }: Module): ModuleParts {
  return { name, shape, compiled, limits };
}

/** A module that was loaded elsewhere, to be opened. @throws MillraceError `module.abi`, `module.import` */
export function moduleOf(parts: ModuleParts): ModuleParts & Pick<Module, "abi"> {
  return { ...parts, abi: abiOf(parts.shape, parts.name) };
}
