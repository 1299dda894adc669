import type { LimitName } from "../limits.ts";

interface Bound {
  readonly most: number;
  readonly reason: string;
}

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;
const dayMs = 24 * 60 * 60 * 1000;

/** The most that a config may set a limit to, and why there is no more, for the limits that a config may set. */
export const bounds = {
  batchBytes: { most: 64 * MiB, reason: "a batch is a frame, and no frame is larger" },
  batchRecordsMax: {
    most: 65_536,
    reason: "the columns of a frame of very short records take half of what the bytes may take then",
  },
  outputBytesMax: { most: 64 * MiB, reason: "what is made of a batch has to fit into one frame" },
  framesInFlightMax: {
    most: 64,
    reason:
      "each costs some times the size of a batch, and more than a few only push each other out of the caches",
  },
  retryFirstDelayMsMax: { most: dayMs, reason: "who waits longer than a day is better started anew" },
  retryDelayMsMax: { most: dayMs, reason: "who waits longer than a day is better started anew" },
  recordOutputBytesMax: { most: 64 * MiB, reason: "what is made of a batch has to fit into one frame" },
  recordExpansionMax: { most: 1_048_576, reason: "as many may be made of a whole batch" },
  moduleLogLinesMax: { most: 1_000_000, reason: "each line is an object while it is handed on" },
  moduleLogBytesMax: { most: 16 * MiB, reason: "it is held in memory while the module works" },
  memoryBytesMax: { most: 4 * GiB, reason: "addresses of a module have 32 bits" },
  tableElementsMax: { most: 10_000_000, reason: "engines make no larger tables" },
  moduleBytesMax: { most: 1 * GiB, reason: "engines compile no larger modules" },
  fuelPerRecord: { most: Number.MAX_SAFE_INTEGER, reason: "counted exactly no further" },
  fuelPerSetup: { most: Number.MAX_SAFE_INTEGER, reason: "counted exactly no further" },
  deadlineMs: { most: dayMs, reason: "who waits longer than a day is better started anew" },
  refusedAttempts: { most: 1_000_000, reason: "a sink that refuses a record so often will not take it" },
  errorWindowRecordsMax: { most: 1_000_000, reason: "the window remembers one byte for each record" },
} as const satisfies Partial<Record<LimitName, Bound>>;

export type BoundName = keyof typeof bounds;
