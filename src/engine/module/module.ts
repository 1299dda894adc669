import { type CompiledModule, webAssembly } from "../../base/index.ts";
import { MillraceError, messageOf } from "../../errors.ts";
import { type Abi, abiOf } from "../abi/index.ts";
import { type ModuleShape, readShape } from "./shape.ts";

/** What a module is made of; unlike the module itself it can be handed to another thread. */
export type ModuleParts = Omit<Module, "abi">;

/** A SmartModule that was compiled and recognised, ready to be opened any number of times. */
export interface Module {
  /** What people call it, such as its file name. */
  readonly name: string;
  /** Of the bytes as they were given, in hex. */
  readonly sha256: string;
  readonly shape: ModuleShape;
  readonly abi: Abi;
  readonly compiled: CompiledModule;
}

const magic = [0x00, 0x61, 0x73, 0x6d];

/**
 * Compiles the bytes of a SmartModule and finds out which ABI it speaks. Nothing of it runs yet.
 *
 * @param name what errors call it
 * @throws MillraceError `module.not-wasm`, `module.abi`, `module.import`
 */
export async function loadModule(bytes: Uint8Array, name: string): Promise<Module> {
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
  // Bytes on shared memory are refused by the platform's compiler and digest, and the caller may reuse its buffer.
  const copy = new Uint8Array(bytes);
  let compiled: CompiledModule;
  try {
    compiled = await webAssembly.compile(copy);
  } catch (error) {
    throw new MillraceError("module.not-wasm", `${name} does not compile: ${messageOf(error)}`, {
      where: { module: name },
      hint: "the file is damaged, or needs a WebAssembly feature that this version of the platform lacks",
      cause: error,
    });
  }
  const shape = readShape(copy);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", copy));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return moduleOf({ name, sha256, shape, compiled });
}

/** @throws MillraceError `module.abi`, `module.import` */
export function moduleOf(parts: ModuleParts): Module {
  return { ...parts, abi: abiOf(parts.shape, parts.name) };
}
