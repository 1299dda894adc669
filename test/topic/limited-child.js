// @ts-nocheck: what it imports is there only after a build.
// Appends 20 records of a million bytes, unless the limits of this process are in the way, and prints what became of them.
import { Batch, frameOf } from "../../dist/record/index.js";
import { openLmdbStore } from "../../dist/topic/index.js";

const store = await openLmdbStore(process.argv[2]);
const topic = await store.open("t", { create: true });
const failures = [];
let appended = 0;
while (appended < 20 && failures.length < 2) {
  try {
    const source = { pipeline: "in", position: { at: appended + 1 } };
    ({ nextOffset: appended } = await topic.append(Batch.of(frameOf(["x".repeat(1_000_000)])), source));
  } catch (error) {
    failures.push(error);
  }
}
console.log(JSON.stringify({ appended, failures }));
await store.close();
