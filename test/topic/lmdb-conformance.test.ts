import { systemClock } from "../../src/base/index.ts";
import { openLmdbStore } from "../../src/topic/index.ts";
import { topicConformance } from "../conformance/topic.ts";
import { makeFolder } from "./folder.ts";

topicConformance({
  name: "lmdb",
  outlivesProcess: true,
  make: () => {
    const folder = makeFolder();
    return {
      open: (now) => openLmdbStore(folder.path, { clock: { ...systemClock, now: () => now } }),
      reopen: () => openLmdbStore(folder.path),
      dispose: async () => folder.remove(),
    };
  },
});
