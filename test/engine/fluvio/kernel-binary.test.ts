import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { kernelText } from "../../support/kernel-text.ts";

const folder = fileURLToPath(new URL("../../../src/engine/abi/fluvio/kernel/", import.meta.url));

// `npx vitest run test/engine/fluvio/kernel-binary -u` writes the file anew after a change of kernel.wat.
test("kernel-binary.ts is kernel.wat, built", async () => {
  const text = await kernelText(await readFile(`${folder}kernel.wat`, "utf8"));
  await expect(text).toMatchFileSnapshot(`${folder}kernel-binary.ts`);
});
