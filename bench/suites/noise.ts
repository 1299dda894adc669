import { type Contender, measure } from "../../src/devkit/index.ts";
import { readModuleFile } from "../../src/modules/index.ts";
import { guestFile } from "../guests/guest-files.ts";
import { spread, table } from "../report/tables.ts";
import { type Spread, spreadOf } from "../statistics.ts";
import type { Suite } from "../suite.ts";

const pairs = 100;
const rounds = 12;

/** How often `millrace bench` calls a difference between a module and itself. */
interface Noise {
  readonly pairs: number;
  readonly called: number;
  readonly ratio: Spread;
  readonly noiseFloor: Spread;
  /** Host and module, measured apart, against the whole. */
  readonly partsToWhole: Spread;
}

export const noiseSuite: Suite = {
  name: "noise",
  summary: "how often `millrace bench --compare` finds a difference between a module and itself",
  minutes: 6,
  async run({ progress }) {
    const noise = await measureNoise(progress);
    const markdown = `${pairs} calls, each with ${rounds} rounds of 10 ms for batches of 100 records, of a filter in C against itself. A verdict other than
"no difference" is wrong; at most 5 of 100 may be.

${table(
  ["calls", "differences called", "ratio", "noise floor, %", "host and module to the whole, %"],
  [
    [
      String(noise.pairs),
      String(noise.called),
      spread(noise.ratio, 3),
      spread(inPercent(noise.noiseFloor), 1),
      spread(inPercent(noise.partsToWhole), 1),
    ],
  ],
)}
`;
    return { data: noise, markdown };
  },
};

async function measureNoise(progress: (line: string) => void): Promise<Noise> {
  const bytes = await readModuleFile(guestFile.keep);
  const one: Contender = { name: "one", file: guestFile.keep, bytes, parameters: new Map(), fuel: true };
  const ratios: number[] = [];
  const floors: number[] = [];
  const parts: number[] = [];
  let called = 0;
  for (let pair = 0; pair < pairs; pair++) {
    progress(`noise, pair ${pair + 1} of ${pairs}, ${called} differences called`);
    const { cases } = await measure({
      contenders: [one, { ...one, name: "other" }],
      records: [{ from: "generator", kind: "log", seed: 1 }],
      batchSizes: [100],
      rounds,
      durationMs: rounds * 10,
      signal: new AbortController().signal,
      onProgress: () => {},
    });
    for (const { comparisons, noiseFloor, figures } of cases) {
      floors.push(noiseFloor);
      parts.push(...figures.map(({ partsToWhole }) => partsToWhole));
      ratios.push(...comparisons.map(({ ratio }) => ratio));
      if (comparisons.some(({ verdict }) => verdict !== "no difference")) called++;
    }
  }
  return {
    pairs,
    called,
    ratio: spreadOf(ratios),
    noiseFloor: spreadOf(floors),
    partsToWhole: spreadOf(parts),
  };
}

function inPercent({ low, median, high }: Spread): Spread {
  return { low: low * 100, median: median * 100, high: high * 100 };
}
