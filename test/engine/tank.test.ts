import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { webAssembly } from "../../src/base/index.ts";
import { FuelTank } from "../../src/engine/abi/tank.ts";
import { ownExport } from "../../src/engine/rewrite/index.ts";
import { builtText } from "../support/kernel-text.ts";
import { compileWat } from "../support/wat.ts";

const folder = fileURLToPath(new URL("../../src/engine/abi/", import.meta.url));

// `npx vitest run test/engine/tank -u` writes the file anew after a change of tank.wat.
test("tank-binary.ts is tank.wat, built", async () => {
  const text = await builtText("tank", "tankBinary", await readFile(`${folder}tank.wat`, "utf8"));
  await expect(text).toMatchFileSnapshot(`${folder}tank-binary.ts`);
});

test("a tank gives an instance any fuel that there can be, and tells what is left of it", async () => {
  const guest = await compileWat(`(module
    (global $fuel (export "${ownExport.fuel}") (mut i64) (i64.const 0))
    (func (export "burn") (param i32)
      (global.set $fuel (i64.sub (global.get $fuel) (i64.extend_i32_s (local.get 0))))))`);
  const instance = new webAssembly.Instance(new webAssembly.Module(guest), {});
  const tank = new FuelTank(instance);
  const { burn } = instance.exports as unknown as { burn(fuel: number): void };
  for (const fuel of [0, 1, 2 ** 31, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER]) {
    tank.fill(fuel);
    burn(0);
    expect([tank.leftOf(5), tank.isOut]).toEqual([fuel, false]);
    burn(fuel > 7 ? 7 : fuel + 1);
    expect([tank.leftOf(5), tank.isOut]).toEqual(fuel > 7 ? [fuel - 7, false] : [-1, true]);
  }
  const without = new FuelTank(
    new webAssembly.Instance(new webAssembly.Module(await compileWat("(module)")), {}),
  );
  without.fill(3);
  expect([without.leftOf(5), without.isOut]).toEqual([5, false]);
});
