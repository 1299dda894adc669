import { beforeAll, describe, expect, test } from "vitest";
import { loadGuests } from "./guests.ts";
import type { Plant } from "./plant.ts";
import { drawScenario, type Route, routes } from "./scenario.ts";
import { reportOf, shrink } from "./shrink.ts";
import { type Planted, type Simulated, simulate } from "./simulate.ts";

/** Seeds that a commit is tried with; `npm run fuzz` goes on with others. */
const seeds = 90;

let modules: Plant["modules"];

beforeAll(async () => {
  modules = await loadGuests();
});

/** The first seed with which something is found. */
async function firstFound(planted: Planted, route: Route): Promise<Simulated | undefined> {
  for (let seed = 0; seed < 400; seed++) {
    const scenario = drawScenario(seed);
    if (scenario.route !== route || scenario.padding > 1000) continue;
    const simulated = await simulate(scenario, modules, planted);
    if (simulated.violation !== undefined) return simulated;
  }
  return undefined;
}

describe("pipelines that crash, fail, stop and begin again", { timeout: 120_000 }, () => {
  test(`keep what they guarantee, with each of ${seeds} seeds`, async () => {
    const seen = { runs: 0, crashes: 0, routes: new Set<Route>() };
    for (let seed = 0; seed < seeds; seed++) {
      const simulated = await simulate(drawScenario(seed), modules);
      if (simulated.violation !== undefined) expect.fail(reportOf(seed, await shrink(simulated, modules)));
      seen.runs += simulated.runs;
      seen.crashes += simulated.crashes;
      seen.routes.add(simulated.scenario.route);
    }
    expect(seen.routes).toEqual(new Set(routes));
    expect(seen.crashes).toBeGreaterThan(seeds / 2);
    expect(seen.runs).toBeGreaterThan(seen.crashes);
  });

  test("do the same for the same seed, event by event", async () => {
    let lines = 0;
    for (const seed of [3, 4, 7, 20]) {
      const { log } = await simulate(drawScenario(seed), modules);
      expect((await simulate(drawScenario(seed), modules)).log).toEqual(log);
      lines += log.length;
    }
    expect(lines).toBeGreaterThan(200);
  });
});

describe("the simulator notices", { timeout: 120_000 }, () => {
  test("records and their position that are not stored in one transaction", async () => {
    const found = await firstFound({ disk: { tears: true } }, "replayable to topic");
    expect(found?.violation).toMatch(/the stored position is|sums|exactly once/);
  });

  test("a sink that says that it has flushed and has not, and makes the case small", async () => {
    const planted = { device: { forgetsToFlush: true } };
    const found = await firstFound(planted, "topic to device");
    if (found === undefined) return expect.fail("nothing was found");
    expect(found.violation).toMatch(/parts are durable/);
    const smallest = await shrink(found, modules, planted);
    expect(smallest.violation).toBeDefined();
    expect(smallest.scenario.letters.length).toBeLessThanOrEqual(2);
    expect(reportOf(found.scenario.seed, smallest)).toContain("BROKEN");
  });
});
