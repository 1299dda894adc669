export { openLmdbStore } from "./lmdb/index.ts";
export { createMemoryStore } from "./memory/index.ts";
export { checkHolderName, checkTopicName } from "./names.ts";
export type {
  Accumulator,
  AccumulatorOwner,
  Appended,
  Position,
  SourcePosition,
  StartOffset,
  Topic,
  TopicBounds,
  TopicStore,
  TopicSummary,
} from "./topic.ts";
