import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import wabt from "wabt";

const folder = fileURLToPath(new URL("../../../src/record/kernel/", import.meta.url));

// `npx vitest run test/record/kernel -u` writes the file anew after a change of kernel.wat.
test("kernel-binary.ts is kernel.wat, built", async () => {
  const source = await readFile(`${folder}kernel.wat`, "utf8");
  const sharedSource = source.replace("(memory 1)", "(memory 1 65536 shared)");
  const text = [
    "/** kernel.wat, built, in base64. */",
    ...(await builtAs("kernelBinary", source)),
    "",
    "/** The same for memory that threads share. */",
    ...(await builtAs("sharedKernelBinary", sharedSource)),
    "",
  ];
  await expect(text.join("\n")).toMatchFileSnapshot(`${folder}kernel-binary.ts`);
});

async function builtAs(name: string, source: string): Promise<string[]> {
  const { parseWat } = await wabt();
  const { buffer } = parseWat("kernel.wat", source, { simd: true, threads: true }).toBinary({});
  const lines =
    Buffer.from(buffer)
      .toString("base64")
      .match(/.{1,100}/g) ?? [];
  return [`export const ${name}: string = [`, ...lines.map((line) => `  "${line}",`), '].join("");'];
}
