import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { builtText, kernelText } from "../../support/kernel-text.ts";

const folder = fileURLToPath(new URL("../../../src/engine/abi/fluvio/crossing/", import.meta.url));

// `npx vitest run test/engine/fluvio/crossing-binary -u` writes the files anew after a change of one.
test("near-side-binary.ts is near-side.wat, built", async () => {
  const source = await readFile(`${folder}near-side.wat`, "utf8");
  const text = await kernelText(source, "near-side", "nearSideBinary", "sharedNearSideBinary");
  await expect(text).toMatchFileSnapshot(`${folder}near-side-binary.ts`);
});

test("far-side-binary.ts is far-side.wat, built", async () => {
  const text = await builtText("far-side", "farSideBinary", await readFile(`${folder}far-side.wat`, "utf8"));
  await expect(text).toMatchFileSnapshot(`${folder}far-side-binary.ts`);
});
