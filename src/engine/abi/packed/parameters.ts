import { utf8 } from "../../../base/index.ts";
import { MillraceError } from "../../../errors.ts";
import { limits } from "../../../limits.ts";

const blockHeaderBytes = 8;
const entryBytes = 16;

/**
 * Parameters as the parameter block drawn in `layout.ts`.
 * @throws MillraceError `module.init` when they are larger than `parametersBytesMax`
 */
export function encodeParameters(parameters: ReadonlyMap<string, string>, module: string): Uint8Array {
  const entries = Array.from(parameters, ([name, value]) => ({ name: utf8(name), value: utf8(value) }));
  const textAt = blockHeaderBytes + entries.length * entryBytes;
  const total = entries.reduce((sum, entry) => sum + entry.name.length + entry.value.length, textAt);
  if (total > limits.parametersBytesMax.default) {
    throw new MillraceError("module.init", `the parameters of ${module} take ${total} bytes`, {
      where: { module },
      hint: `the limit is ${limits.parametersBytesMax.default} bytes; large tables belong into the module or into records`,
    });
  }
  const block = new Uint8Array(total);
  const view = new DataView(block.buffer);
  view.setUint32(0, entries.length, true);
  let at = textAt;
  const put = (bytes: Uint8Array, entryAt: number): void => {
    view.setUint32(entryAt, at, true);
    view.setUint32(entryAt + 4, bytes.length, true);
    block.set(bytes, at);
    at += bytes.length;
  };
  entries.forEach((entry, index) => {
    const entryAt = blockHeaderBytes + index * entryBytes;
    put(entry.name, entryAt);
    put(entry.value, entryAt + 8);
  });
  return block;
}
