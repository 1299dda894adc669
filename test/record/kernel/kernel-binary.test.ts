import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import wabt from "wabt";

const folder = fileURLToPath(new URL("../../../src/record/kernel/", import.meta.url));

// `npx vitest run test/record/kernel -u` writes the file anew after a change of kernel.wat.
test("kernel-binary.ts is kernel.wat, built", async () => {
  const { parseWat } = await wabt();
  const module = parseWat("kernel.wat", await readFile(`${folder}kernel.wat`), { simd: true });
  const { buffer } = module.toBinary({});
  const lines =
    Buffer.from(buffer)
      .toString("base64")
      .match(/.{1,100}/g) ?? [];
  const text = ["/** kernel.wat, built, in base64. */", "export const kernelBinary: string = ["];
  text.push(...lines.map((line) => `  "${line}",`), '].join("");', "");
  await expect(text.join("\n")).toMatchFileSnapshot(`${folder}kernel-binary.ts`);
});
