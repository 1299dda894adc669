import type { Plant } from "./plant.ts";
import type { Scenario } from "./scenario.ts";
import { type Planted, type Simulated, simulate } from "./simulate.ts";

/** Smaller scenarios that are worth a try, those that leave most out first. */
function* smallerThan(scenario: Scenario): Generator<Scenario> {
  const { letters, steps } = scenario;
  for (const rate of ["strangers", "fullDisks", "stops", "failures", "crashes"] as const) {
    if (scenario[rate] > 0) yield { ...scenario, [rate]: 0 };
  }
  for (let size = letters.length >> 1; size > 0; size >>= 1) {
    yield { ...scenario, letters: letters.slice(0, letters.length - size) };
    yield { ...scenario, letters: letters.slice(size) };
  }
  for (const index of steps.keys()) yield { ...scenario, steps: steps.filter((_, i) => i !== index) };
  if (scenario.processor !== "inline") yield { ...scenario, processor: "inline" };
  if (scenario.firstPolicy !== "skip") yield { ...scenario, firstPolicy: "skip" };
  if (scenario.padding > 0) yield { ...scenario, padding: 0 };
  if (scenario.follows) yield { ...scenario, follows: false };
}

/** Leaves out of a scenario that breaks something what it breaks without. */
export async function shrink(
  found: Simulated,
  modules: Plant["modules"],
  planted: Planted = {},
): Promise<Simulated> {
  let smallest = found;
  for (let attempts = 0; attempts < 300; ) {
    let next: Simulated | undefined;
    for (const scenario of smallerThan(smallest.scenario)) {
      if (++attempts > 300) break;
      const tried = await simulate(scenario, modules, planted);
      if (tried.violation === undefined) continue;
      next = tried;
      break;
    }
    if (next === undefined) break;
    smallest = next;
  }
  return smallest;
}

/** What a person needs to see what went wrong, and to see it again. */
export function reportOf(seed: number, { scenario, violation, log }: Simulated): string {
  const shown = log.length > 200 ? [`… ${log.length - 200} lines left out`, ...log.slice(-200)] : log;
  return [
    `seed ${seed}: ${violation}`,
    `again: npm run fuzz -- --target simulator --seed ${seed} --count 1`,
    `scenario, made smaller: ${JSON.stringify(scenario)}`,
    ...shown,
  ].join("\n");
}
