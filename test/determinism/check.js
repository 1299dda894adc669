#!/usr/bin/env node
// Runs modules on the same records as `deterministic: true` does, and compares what comes out and the fuel it took with what
// `expected.json` says. The same on each machine and each version of Node. The project must be built.
// Usage: node test/determinism/check.js [--update]
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadModule, openChain } from "../../dist/engine/index.js";
import { Batch, frameOf } from "../../dist/record/index.js";

const expectedFile = new URL("expected.json", import.meta.url);
const project = new URL("../../", import.meta.url);

/** @param {string} name */
const packed = (name) => `smartmodules/assemblyscript/${name}/${name}.wasm`;
/** @param {string} name */
const fluvio = (name) => `test/fixtures/fluvio/${name}.wasm`;

/** @type {readonly (readonly [file: string, parameters?: Readonly<Record<string, string>>, kind?: "logs" | "numbers" | "lists"])[]} */
const modules = [
  [packed("json-filter"), { field: "status", operator: ">=", value: "400" }],
  [packed("json-pick"), { fields: '{"who":"user.name","status":"status"}' }],
  [packed("template"), { template: "{{user.name}} {{status}} {{items[0]}}" }],
  [packed("mask"), { fields: '["user.name"]', action: "hash", key: "a key of 16 bytes and more" }],
  [packed("dedup"), { field: "user.name" }],
  [packed("json-split"), { field: "items" }],
  [packed("count-by"), { field: "user.name" }],
  [fluvio("filter")],
  [fluvio("map")],
  [fluvio("filter-map"), {}, "numbers"],
  [fluvio("json-map")],
  [fluvio("array-map-wasi"), {}, "lists"],
  [fluvio("aggregate"), {}, "numbers"],
  [fluvio("counting-map-wasi")],
  [fluvio("place-map")],
  [fluvio("regex-filter"), { regex: "ada|bob" }],
  [fluvio("old-filter")],
  // Writes what the clock and the random source of WASI give it.
  ["test/determinism/chance.wasm"],
];

const names = ["ada", "bob", "carol", "dan", "eve"];

/**
 * Log records, one of which in each batch is no JSON; or numbers; or JSON arrays.
 * @param {"logs" | "numbers" | "lists"} kind
 */
function* batches(kind) {
  for (let batch = 0; batch < 3; batch++) {
    const records = Array.from({ length: 100 }, (_, i) => {
      const n = batch * 100 + i;
      const text = JSON.stringify({
        user: { name: names[(n * 7) % 5] },
        status: 200 + ((n * 37) % 400),
        level: names[n % 3],
        items: [n, "b", n / 8],
      });
      const value = {
        logs: i === 50 ? text.slice(1) : text,
        numbers: `${n * 3}`,
        lists: `[${n},"b",{"c":${n}}]`,
      }[kind];
      return { value, key: `k${n % 9}`, timestamp: 1_764_000_000_000 + n * 11 };
    });
    yield frameOf(records, { offset: batch * 100, timestamp: 1_764_000_000_000 });
  }
}

/**
 * A digest of all that comes out of a module, failures included, and the fuel.
 * @param {string} file
 * @param {Readonly<Record<string, string>>} parameters
 * @param {"logs" | "numbers" | "lists"} kind
 */
async function outcomeOf(file, parameters = {}, kind = "logs") {
  const module = await loadModule(readFileSync(new URL(file, project)), file);
  const { process: run, transforms } = await openChain([{ module, parameters }], { deterministic: true });
  const digest = createHash("sha256");
  let records = 0;
  for (const frame of batches(kind)) {
    const batch = Batch.of(frame);
    run(batch);
    for (const { value, key, timestamp } of batch) {
      digest
        .update(`${value.length} ${key?.length} ${timestamp} `)
        .update(value)
        .update(key ?? "");
      records++;
    }
    for (const { origin, code, message } of batch.failures) digest.update(`${origin} ${code} ${message}`);
  }
  const fuel = transforms.reduce((sum, { counts }) => sum + counts.fuel, 0);
  return { records, sha256: digest.digest("hex"), fuel };
}

export async function outcomes() {
  /** @type {Record<string, { records: number, sha256: string, fuel: number }>} */
  const all = {};
  for (const [file, parameters, kind] of modules) all[file] = await outcomeOf(file, parameters, kind);
  return all;
}

/** @returns {Record<string, { records: number, sha256: string, fuel: number }>} */
export function expected() {
  return JSON.parse(readFileSync(expectedFile, "utf8"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = await outcomes();
  if (process.argv.includes("--update")) {
    writeFileSync(expectedFile, `${JSON.stringify(found, undefined, 2)}\n`);
  }
  const stated = expected();
  const wrong = Object.keys({ ...found, ...stated }).filter(
    (file) => JSON.stringify(found[file]) !== JSON.stringify(stated[file]),
  );
  for (const file of wrong) {
    process.stderr.write(
      `${file}: ${JSON.stringify(found[file])}, expected ${JSON.stringify(stated[file])}\n`,
    );
  }
  process.stdout.write(
    `${Object.keys(found).length - wrong.length} of ${Object.keys(found).length} modules give the expected bytes for the expected fuel on Node ${process.version}\n`,
  );
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
