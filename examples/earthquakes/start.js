// @ts-check
// What `npm start` runs: a feed served on loopback, an inbound pipeline from it into a topic, an outbound pipeline from the topic into
// a file. Both pipelines are the YAML files beside this one, run by the command line as a user would.
import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { feedPath, port, serve } from "./serve.js";

const folder = dirname(fileURLToPath(import.meta.url));
const root = join(folder, "../..");
const out = join(folder, "out");
const topics = "examples/earthquakes/out/topics";
const result = "examples/earthquakes/out/earthquakes.ndjson";

/** @param {readonly string[]} words */
async function millrace(...words) {
  console.log(`\n$ npx millrace ${words.join(" ")}`);
  const child = spawn(process.execPath, ["dist/bin.js", ...words], { stdio: "inherit", cwd: root });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) process.exit(typeof code === "number" ? code : 1);
}

/** @param {string} text */
const short = (text) => (text.length > 160 ? `${text.slice(0, 157)}...` : text);

// Each start begins anew, so that its counts are always those of one poll.
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });

const server = await serve().catch((error) => {
  console.error(
    `port ${port} on 127.0.0.1 cannot be had (${error.message}); end what listens there and start again`,
  );
  process.exit(3);
});
try {
  await millrace("run", "examples/earthquakes/inbound.yaml", "--once", "--topics", topics);
  await millrace("run", "examples/earthquakes/outbound.yaml", "--once", "--topics", topics);
} finally {
  server.close();
}

/** @type {{ features: { properties: { mag: number } }[] }} */
const feed = JSON.parse(await readFile(feedPath, "utf8"));
const before = feed.features.filter((feature) => feature.properties.mag >= 4).slice(0, 3);
const after = (await readFile(join(root, result), "utf8")).split("\n").slice(0, 3);
console.log("\nThree records, before and after:");
before.forEach((feature, i) => {
  console.log(`  - ${short(JSON.stringify(feature))}`);
  console.log(`  + ${after[i]}`);
});
console.log(`
The records are in  ${result}
the topic is in     ${topics}  (npx millrace topic consume earthquakes --topics ${topics})
the pipelines are   examples/earthquakes/inbound.yaml and outbound.yaml`);
