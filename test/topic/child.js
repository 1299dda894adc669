// @ts-nocheck: what it imports is there only after a build.
// A second process for the tests of topics. It is plain JavaScript on the built library, since Node 20 runs no TypeScript.
// Takes { id, method, args } over IPC and answers { id, result } or { id, error }.
import { Batch, frameOf } from "../../dist/record/index.js";
import { openLmdbStore } from "../../dist/topic/index.js";

const stores = new Map();

async function topicOf({ folder, topic }) {
  let store = stores.get(folder);
  if (store === undefined) {
    store = await openLmdbStore(folder);
    stores.set(folder, store);
  }
  return store.open(topic, { create: true });
}

const batchOf = (values) => Batch.of(frameOf(values));

const methods = {
  async open(place) {
    return (await topicOf(place)).bounds();
  },

  async append(place, batches) {
    const topic = await topicOf(place);
    const appended = [];
    for (const values of batches) appended.push(await topic.append(batchOf(values)));
    return appended;
  },

  /** Appends records that say their own offset, until the process ends, and tells what was acknowledged. */
  async appendForever(place, { recordsMax, valueBytes }) {
    const topic = await topicOf(place);
    for (let { next } = topic.bounds(); ; ) {
      const count = 1 + (next % recordsMax);
      const values = Array.from({ length: count }, (_, i) => String(next + i).padEnd(valueBytes, "."));
      const position = { next: next + count };
      ({ nextOffset: next } = await topic.append(batchOf(values), { pipeline: "in", position }));
      process.send({ acknowledged: next });
    }
  },

  /** Reads from an offset on, waiting where there is no more, until it has `count` values. */
  async follow(place, from, count) {
    const topic = await topicOf(place);
    const batch = new Batch();
    const values = [];
    let offset = from;
    while (values.length < count) {
      await topic.waitFor(offset, new AbortController().signal);
      batch.start(topic.read(offset, batch.buffer));
      for (const record of batch) values.push(record.text);
      offset = batch.frame.baseOffset + batch.frame.recordCount;
    }
    return values;
  },

  async exitWhileAppending(place, values) {
    const topic = await topicOf(place);
    topic.append(batchOf(values));
    await new Promise((resolve) => setImmediate(resolve));
    process.exit(0);
  },

  async close() {
    for (const store of stores.values()) await store.close();
    stores.clear();
  },
};

process.on("message", async ({ id, method, args }) => {
  try {
    process.send({ id, result: await methods[method](...args) });
  } catch (error) {
    process.send({ id, error: { code: error.code, message: error.message, hint: error.hint } });
  }
});
process.send({ ready: true });
