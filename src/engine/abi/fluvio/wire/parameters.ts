import { utf8 } from "../../../../base/index.ts";
import { MillraceError } from "../../../../errors.ts";
import { limits } from "../../../../limits.ts";
import { writeI64, writeU16, writeU32 } from "./big-endian.ts";

/*
 * Parameters (Fluvio: ExtraParams), which are also the whole input of `init`
 *
 *   | count u16 | count x { name, value }, in the order of the names | look-back |
 *
 *   name, value   length u16, UTF-8 bytes; modules take the length for a signed number, so it ends at 32767
 *   look-back     from version 20 on: 00, or 01 | last u64 | age
 *   age           from version 21 on: 00, or 01 | seconds u64 | nanoseconds u32
 */

/** Which earlier records a module is shown, as it reads it in its parameters. */
export interface LookBackWish {
  readonly last?: number | undefined;
  readonly ageMs?: number | undefined;
}

/**
 * The parameters in the form of version 22.
 * @throws MillraceError `module.init` for a text that no module could read
 */
export function encodeParameters(
  parameters: ReadonlyMap<string, string>,
  lookBack: LookBackWish | undefined,
  module: string,
): Uint8Array {
  const map = encodeParameterMap(parameters, module);
  return Uint8Array.from([...map, ...encodeLookBack(lookBack)]);
}

/**
 * The parameters in the form of versions before 20, which have no look-back.
 * @throws MillraceError `module.init` for a text that no module could read
 */
export function encodeParameterMap(parameters: ReadonlyMap<string, string>, module: string): Uint8Array {
  const texts = [...parameters]
    .map(([name, value]) => ({ name: textOf(name, name, module), value: textOf(value, name, module) }))
    .sort((a, b) => compareBytes(a.name, b.name))
    .flatMap(({ name, value }) => [name, value]);
  const total = texts.reduce((sum, text) => sum + 2 + text.length, 2);
  if (total > limits.parametersBytesMax.default) {
    throw refused(
      module,
      `the parameters of ${module} take ${total} bytes`,
      limits.parametersBytesMax.default,
    );
  }
  const bytes = new Uint8Array(total);
  writeU16(bytes, 0, parameters.size);
  let at = 2;
  for (const text of texts) {
    writeU16(bytes, at, text.length);
    bytes.set(text, at + 2);
    at += 2 + text.length;
  }
  return bytes;
}

function textOf(text: string, name: string, module: string): Uint8Array {
  const bytes = utf8(text);
  const { default: bytesMax } = limits.fluvioStringBytesMax;
  if (bytes.length <= bytesMax) return bytes;
  const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name;
  throw refused(module, `the parameter ${shown} of ${module} has a text of ${bytes.length} bytes`, bytesMax);
}

function refused(module: string, what: string, bytesMax: number): MillraceError {
  return new MillraceError("module.init", what, {
    where: { module },
    hint: `the limit is ${bytesMax} bytes; large tables belong into the module or into records`,
  });
}

function encodeLookBack(wish: LookBackWish | undefined): Uint8Array {
  if (wish === undefined) return Uint8Array.of(0);
  const { last = 0, ageMs } = wish;
  const bytes = new Uint8Array(ageMs === undefined ? 10 : 22);
  bytes[0] = 1;
  writeI64(bytes, 1, last);
  if (ageMs === undefined) return bytes;
  bytes[9] = 1;
  writeI64(bytes, 10, Math.floor(ageMs / 1000));
  writeU32(bytes, 18, Math.round((ageMs % 1000) * 1e6));
  return bytes;
}

/** A sorted map of Fluvio's language is in the order of the bytes. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
