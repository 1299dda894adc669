import { systemClock } from "../../src/base/index.ts";
import { createMemoryStore } from "../../src/topic/index.ts";
import { topicConformance } from "../conformance/topic.ts";

topicConformance({
  name: "memory",
  outlivesProcess: false,
  make: () => ({
    open: async (now) => createMemoryStore({ ...systemClock, now: () => now }),
    reopen: async () => createMemoryStore(),
    dispose: async () => {},
  }),
});
