import { MillraceError, type Where } from "../../../errors.ts";
import { limits } from "../../../limits.ts";

/** What can go wrong with a module built for Fluvio, in words for who runs it. */

type ModulePlace = Where & { readonly module: string };

export function brokenAbi(where: ModulePlace, what: string): MillraceError {
  return new MillraceError("module.answer", `${where.module} breaks Fluvio's ABI: ${what}`, {
    where,
    hint: "this is a fault of the module or of the crate that it was built with",
  });
}

/** What Rust says behind each panic, of a variable that modules do not have. */
const backtraceNote = /^note: run with `RUST_BACKTRACE=1`.*$/m;

/** @param written what the module has written to its standard error output, or an empty text */
export function trapped(where: ModulePlace, written: string, thrown: unknown): MillraceError {
  const said = written.replace(backtraceNote, "").trim();
  const how = thrown instanceof Error ? thrown.message : "it ended itself or threw an exception";
  const reason = said === "" ? how : `${said} (${how})`;
  return new MillraceError("module.trap", `${where.module} trapped: ${reason}`, {
    where,
    hint:
      said === ""
        ? "the fault is in the module; built for wasm32-wasip1, it would say what went wrong"
        : "the fault is in the module",
    cause: thrown,
  });
}

export function noMemory(module: string, byteCount: number): MillraceError {
  return new MillraceError("module.trap", `${module} has no memory for an input of ${byteCount} bytes`, {
    where: { module, export: "alloc" },
    hint: "the module's memory is at its maximum; make smaller batches, or build it with a larger maximum",
  });
}

/** The user said that what it keeps matters, and there is no way to get it back. */
export const lostStateHint =
  "what it kept in its memory is lost, and `stateful: true` says that it matters; without it, the record would be " +
  "failed and the others go on in a new instance";

export function refusedParameters(module: string, why: string): MillraceError {
  return new MillraceError("module.init", `${module} refused its parameters: ${why}`, {
    where: { module, export: "init" },
    hint: "the parameters are the `with:` of the step that uses this module",
  });
}

export function refusedLookBack(module: string, why: string): MillraceError {
  return new MillraceError(
    "module.look-back",
    `${module} refused what it was shown of earlier records: ${why}`,
    {
      where: { module, export: "look_back" },
      hint: "`lookback:` of the step says which records these are",
    },
  );
}

export function initialAccumulatorTooLarge(module: string, byteCount: number): MillraceError {
  const { default: bytesMax } = limits.accumulatorBytesMax;
  return new MillraceError(
    "module.init",
    `the accumulator for ${module} has ${byteCount} bytes, and ${bytesMax} is the limit`,
    { where: { module }, hint: "an initial accumulator is the `accumulator:` of the step" },
  );
}

export function accumulatorTooLarge(where: ModulePlace, byteCount: number): MillraceError {
  const { default: bytesMax } = limits.accumulatorBytesMax;
  return new MillraceError(
    "module.answer",
    `${where.module} has let its accumulator grow to ${byteCount} bytes, and ${bytesMax} is the limit`,
    { where, hint: "let it add up less: fewer keys, or fewer windows that are kept" },
  );
}
