import { systemClock } from "../../src/base/index.ts";
import { topicConformance } from "../conformance/topic.ts";
import { SimulatedDisk } from "./disk.ts";
import { openSimulatedStore } from "./store.ts";

topicConformance({
  name: "a simulated disk",
  outlivesProcess: true,
  make: () => {
    const disk = new SimulatedDisk();
    return {
      open: async (now) => openSimulatedStore(disk, { ...systemClock, now: () => now }),
      reopen: async () => openSimulatedStore(disk, systemClock),
      dispose: async () => {},
    };
  },
});
