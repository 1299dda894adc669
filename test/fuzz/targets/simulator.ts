import { loadGuests } from "../../sim/guests.ts";
import { drawScenario } from "../../sim/scenario.ts";
import { reportOf, shrink } from "../../sim/shrink.ts";
import { simulate } from "../../sim/simulate.ts";
import { joined } from "../mutations.ts";
import { type FuzzTarget, mustHold } from "../target.ts";

export const simulatorTarget: FuzzTarget = {
  name: "simulator",
  law: "a pipeline that crashes, fails, stops and begins again keeps what it guarantees",
  async prepare() {
    const modules = await loadGuests();
    return {
      make: (_dice, number) => joined(Buffer.from(`${number}\n`)),
      async check(input) {
        const seed = Number.parseInt(Buffer.from(input).toString(), 10);
        if (!Number.isSafeInteger(seed)) return;
        const simulated = await simulate(drawScenario(seed), modules);
        if (simulated.violation === undefined) return;
        mustHold(false, reportOf(seed, await shrink(simulated, modules)));
      },
    };
  },
};
