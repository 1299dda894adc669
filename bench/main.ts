import { mkdir, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { parseArgs } from "node:util";
import type { Suite } from "./suite.ts";
import { allocationSuite } from "./suites/allocation.ts";
import { chainSuite } from "./suites/chain.ts";
import { deadlineSuite } from "./suites/deadline.ts";
import { faultsSuite } from "./suites/faults.ts";
import { fileFilterFileSuite } from "./suites/file-filter-file.ts";
import { flatMemorySuite } from "./suites/flat-memory.ts";
import { fluvioSuite } from "./suites/fluvio.ts";
import { fluvioMemorySuite } from "./suites/fluvio-memory.ts";
import { guestJsonSuite } from "./suites/guest-json.ts";
import { hostCostSuite } from "./suites/host-cost.ts";
import { noiseSuite } from "./suites/noise.ts";
import { rewriteSuite } from "./suites/rewrite.ts";

const suites: readonly Suite[] = [
  fileFilterFileSuite,
  hostCostSuite,
  guestJsonSuite,
  fluvioSuite,
  chainSuite,
  rewriteSuite,
  faultsSuite,
  allocationSuite,
  deadlineSuite,
  flatMemorySuite,
  noiseSuite,
  fluvioMemorySuite,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "15" },
    out: { type: "string", default: "bench/results" },
    folder: { type: "string", default: tmpdir() },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log("npm run bench -- [suite ...] [--rounds 15] [--out bench/results] [--folder /tmp]\n");
  for (const { name, summary, minutes } of suites) {
    console.log(`  ${name.padEnd(18)} ${summary} (about ${minutes} min)`);
  }
} else {
  const unknown = positionals.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    console.error(`no suite is called ${unknown.join(", ")}; see npm run bench -- --help`);
    process.exit(2);
  }
  for (const suite of suites) {
    if (positionals.length === 0 || positionals.includes(suite.name)) await runSuite(suite);
  }
}

async function runSuite(suite: Suite): Promise<void> {
  const progress = (line: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
  };
  const {
    data,
    markdown,
    pictures = {},
  } = await suite.run({
    rounds: Number(values.rounds),
    folder: values.folder,
    progress,
  });
  progress("");
  const machine = {
    node: process.version,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
  };
  const command = `npm run bench -- ${suite.name} --rounds ${values.rounds}`;
  const folder = `${values.out}/node-${process.versions.node.split(".")[0]}`;
  await mkdir(folder, { recursive: true });
  const text = `# ${suite.name}: ${suite.summary}

Node ${machine.node}, V8 ${machine.v8}, ${machine.platform}, ${machine.cores} cores of ${machine.processor}.
Reproduce with \`${command}\`. Figures are medians of ${values.rounds} rounds, with the 10th and 90th percentile; contenders
take turns within each round, and the noise floor is the first contender against itself.

${markdown.trimEnd()}
`;
  await writeFile(
    `${folder}/${suite.name}.json`,
    `${JSON.stringify({ machine, command, data }, undefined, 2)}\n`,
  );
  await writeFile(`${folder}/${suite.name}.md`, text);
  for (const [name, picture] of Object.entries(pictures)) await writeFile(`${folder}/${name}`, picture);
  console.log(text);
}
