import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { MillraceError } from "../../../src/errors.ts";
import { runAll, start } from "../../engine/rewrite/outcome.ts";
import { randomModule } from "../../engine/rewrite/random-module.ts";
import { fuelOf, instantiate, isValid, rewrite } from "../../engine/rewrite/support.ts";
import { compileWat } from "../../support/wat.ts";
import { damage, joined } from "../mutations.ts";
import { type FuzzTarget, mustHold } from "../target.ts";

/*
 * An input: what it is, 8-bit | one of these
 *   0: a random module      its number, 32-bit | its size, 8-bit
 *   1: a damaged one        bytes of a binary
 */

const random = 0;
const damaged = 1;
const binaries = ["bench/guests/search.wasm", "bench/guests/keep.wasm"];

export const rewriteTarget: FuzzTarget = {
  name: "rewrite",
  law: "a module with limits built in does what it did before, and bytes that are no module are refused as such",
  async prepare() {
    const whole = await Promise.all(binaries.map(async (path) => new Uint8Array(await readFile(path))));
    return {
      make(dice) {
        if (dice.below(2) === random) {
          const number = Uint32Array.of(dice.below(2 ** 32));
          return joined(Uint8Array.of(random), new Uint8Array(number.buffer), Uint8Array.of(dice.below(5)));
        }
        let bytes: Uint8Array<ArrayBuffer> = joined(dice.pick(whole));
        for (let changes = dice.between(1, 3); changes > 0; changes--) bytes = damage(bytes, dice, []);
        return joined(Uint8Array.of(damaged), bytes);
      },
      async check(input) {
        if (input[0] === damaged) checkDamaged(input.slice(1));
        else if (input.length >= 6)
          await checkRandom(new DataView(input.buffer).getUint32(1, true), input[5] ?? 0);
      },
    };
  },
};

async function checkRandom(number: number, size: number): Promise<void> {
  const module = randomModule(number, size % 5);
  const bytes = await compileWat(module.wat);
  const rewritten = rewrite(bytes);
  mustHold(isValid(rewritten), "it is no module any more");
  const expected = runAll(instantiate(bytes), module);
  const used = [1, 2].map(() => {
    const instance = instantiate(rewritten);
    start(instance);
    const fuel = fuelOf(instance);
    const before = fuel.value;
    mustHold(isDeepStrictEqual(runAll(instance, module), expected), "it does something else");
    return before - fuel.value;
  });
  mustHold(used[0] === used[1], "it takes other fuel each time");
}

/** The engine rewrites only what the platform takes; other bytes must still end in an error, and soon. */
function checkDamaged(bytes: Uint8Array): void {
  try {
    const rewritten = rewrite(bytes);
    if (isValid(bytes)) mustHold(isValid(rewritten), "it was a module and is none any more");
  } catch (error) {
    mustHold(MillraceError.is(error), `it throws ${error instanceof Error ? error.stack : String(error)}`);
  }
}
