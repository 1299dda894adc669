import { MillraceError, messageOf, type Where } from "../../../errors.ts";
import { limits } from "../../../limits.ts";
import { placeOf } from "../fuel-failure.ts";
import { exportName } from "./layout.ts";

/** What can go wrong with a guest, in words for who runs it. */

export function brokenAbi(where: Where & { module: string }, what: string): MillraceError {
  return new MillraceError("module.answer", `${where.module} breaks the packed ABI: ${what}`, {
    where,
    hint: "this is a fault of the module or of the SDK that it was built with",
  });
}

/**
 * @param where without an export: the start function
 * @param record index of the record that the module had in hand, where it had one
 * @param said the text that the module left, or an empty one
 * @param note where something more is known than that it trapped
 */
export function trapped(
  where: Where & { module: string; export?: string | undefined },
  record: number | undefined,
  said: string,
  thrown: unknown,
  note: string | undefined,
): MillraceError {
  const reason = said === "" ? messageOf(thrown) : `${said} (${messageOf(thrown)})`;
  const text = note === undefined ? reason : `${reason}; ${note}`;
  return new MillraceError("module.trap", `${where.module} trapped${placeOf(where, record)}: ${text}`, {
    where,
    hint: "the fault is in the module; a build with names and debug information shows its functions in the cause's stack",
    cause: thrown,
  });
}

/** What it keeps matters, and there is no way to get it back. */
export const lostStateHint =
  "what it kept in its memory is lost, and later records may need it; `stateful: false` on its step lets a new " +
  "instance take its place, and then only the record is failed";

export function noMemory(module: string, byteCount: number, region: string): MillraceError {
  return new MillraceError("module.trap", `${module} has no memory for ${byteCount} bytes of ${region}`, {
    where: { module, export: exportName.reserve },
    hint: "the module's memory is at its maximum; make smaller batches, or give it more (`memory-bytes` under `limits:`)",
  });
}

export function refusedParameters(module: string, why: string): MillraceError {
  return new MillraceError("module.init", `${module} refused its parameters: ${why}`, {
    where: { module, export: exportName.init },
    hint: "the parameters are the `with:` of the step that uses this module",
  });
}

/** A module without initialisation would not see its parameters, and who set them would not know. */
export function takesNoParameters(module: string, names: Iterable<string>): MillraceError {
  const given = Array.from(names).join(", ");
  return new MillraceError("module.init", `${module} takes no parameters, and was given ${given}`, {
    where: { module },
    hint: "remove the `with:` of the step that uses this module",
  });
}

export function refusedLookBack(module: string, why: string): MillraceError {
  return new MillraceError(
    "module.look-back",
    `${module} refused what it was shown of earlier records: ${why}`,
    {
      where: { module, export: exportName.lookBack },
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

export function accumulatorTooLarge(where: Where & { module: string }, byteCount: number): MillraceError {
  const { default: bytesMax } = limits.accumulatorBytesMax;
  return new MillraceError(
    "module.answer",
    `${where.module} has let its accumulator grow to ${byteCount} bytes, and ${bytesMax} is the limit`,
    { where, hint: "let it add up less: fewer keys, or fewer windows that are kept" },
  );
}
