import { readFunctionNames } from "../../../engine/index.ts";
import { Batch, type Frame } from "../../../record/index.ts";
import { type Contender, type LoadedContender, loadContender, openContender } from "../contender.ts";
import { batchFrames } from "../frames.ts";
import { type RecordsFrom, recordsToMeasure } from "../records.ts";
import { warmUp } from "../warm-up.ts";
import { type CpuProfile, withNames } from "./cpu-profile.ts";
import { flamePage } from "./flame-page.ts";
import { flameTree } from "./flame-tree.ts";
import { profiled } from "./profiler.ts";

export interface ProfileOptions {
  readonly records: RecordsFrom;
  readonly batchRecords: number;
  readonly durationMs: number;
}

export interface ModuleProfile {
  /** For developer tools and editors. */
  readonly cpuProfile: CpuProfile;
  /** A flame graph as HTML that needs nothing else. */
  readonly page: string;
}

/** As many as it takes to see where the time goes. */
const recordsWanted = 20_000;

/**
 * Shows where the time goes while a module works on batches of a size.
 * @throws MillraceError what loading or running the module throws, and what reading the records throws
 */
export async function profileModule(contender: Contender, options: ProfileOptions): Promise<ModuleProfile> {
  const { batchRecords, durationMs } = options;
  const loaded = await loadContender(contender);
  const records = await recordsToMeasure(options.records, Math.max(recordsWanted, batchRecords));
  const { frames } = batchFrames(records, batchRecords);
  const now = (): number => performance.now();
  await warmUp(loaded, frames, now);
  const raw = await profiled(() => work(loaded, frames, durationMs));
  const { names, inNameSection } = readFunctionNames(contender.bytes);
  const cpuProfile = withNames(raw, names);
  const tree = flameTree(cpuProfile, profiledBatches.name);
  return { cpuProfile, page: flamePage(contender.name, tree, { hasNames: inNameSection > 0, batchRecords }) };
}

async function work(contender: LoadedContender, frames: readonly Frame[], durationMs: number): Promise<void> {
  const chain = await openContender(contender);
  profiledBatches(frames, durationMs, (batch) => chain.process(batch));
}

/** The picture begins with this function, which is found by its name. */
function profiledBatches(
  frames: readonly Frame[],
  durationMs: number,
  process: (batch: Batch) => void,
): void {
  const batch = new Batch();
  const end = performance.now() + durationMs;
  for (let at = 0; performance.now() < end || at === 0; at++)
    process(batch.load(frames[at % frames.length] as Frame));
}
