import { fileURLToPath } from "node:url";
import { readPlan } from "../../config/index.ts";
import { type GuestLimits, loadModule, type Module } from "../../engine/index.ts";
import { loadModuleFile } from "../../modules/index.ts";
import type { RecordInput } from "../../record/index.ts";
import { runTrial, stepsOfPlan, type TrialOptions } from "../trial/index.ts";
import { type TestedRecords, testedOf } from "./kit-result.ts";
import type { FileReport } from "./report.ts";
import { runTestFile } from "./run-file.ts";

/** What a record may be given as: its value, or all that it has. */
export type GivenRecord = string | Uint8Array | RecordInput;

interface CommonOptions {
  /** Records that were there before, the oldest first, for modules that look back. */
  readonly earlier?: readonly GivenRecord[];
  /** Milliseconds since 1970 that ages of look-back count from; now, where it is absent. */
  readonly now?: number;
  /** Milliseconds since 1970 for records that have no time of their own; they have none where it is absent. */
  readonly timestamp?: number;
  /** Most records of one batch; as many as a pipeline would take where it is absent. */
  readonly batchRecordsMax?: number;
}

export interface TestModuleOptions extends CommonOptions {
  /** Parameters: what is no text is handed over as JSON. */
  readonly with?: Readonly<Record<string, unknown>>;
  /** Which of the earlier records the module is shown; all of them where it is absent. */
  readonly lookBack?: { readonly last?: number; readonly ageMs?: number };
  /** What an aggregate begins with. */
  readonly accumulator?: string;
  /** As `stateful:` of a step. */
  readonly stateful?: boolean;
  /** Limits other than the usual ones. */
  readonly limits?: Partial<GuestLimits>;
}

export interface TestPipelineOptions extends CommonOptions {
  /** The one stage that runs; all of them where it is absent. */
  readonly stage?: "filter" | "shape" | "transform";
  /** Values for the secrets of the config, by name. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/**
 * Runs records through a module offline. Clocks and random bytes are the same in each run.
 *
 * @param module the .wasm file, or its bytes
 * @throws MillraceError `module.*` where it cannot be loaded or does not start
 */
export async function testModule(
  module: string | URL | Uint8Array,
  records: readonly GivenRecord[],
  options: TestModuleOptions = {},
): Promise<TestedRecords> {
  const { with: given = {}, lookBack, accumulator, stateful, limits = {} } = options;
  const parameters = new Map(
    Object.entries(given).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  const step = {
    module: await moduleOf(module, limits),
    parameters,
    lookBack,
    stateful,
    accumulator: accumulator === undefined ? undefined : new TextEncoder().encode(accumulator),
  };
  return testedOf(
    await runTrial([step], records.map(recordOf), { ...trialOptions(options), deterministic: true }),
  );
}

/**
 * Runs records through the steps of a config offline, as if its source had brought them. Neither its source nor its sink
 * nor its topic is touched.
 *
 * @param config path of the YAML file
 * @throws MillraceError `config.*`, `module.*`
 */
export async function testPipeline(
  config: string | URL,
  records: readonly GivenRecord[],
  options: TestPipelineOptions = {},
): Promise<TestedRecords> {
  const { plan } = await readPlan(pathOf(config), { secrets: { environment: options.secrets ?? {} } });
  const world = { ...plan.world, deterministic: true };
  const steps = await stepsOfPlan(plan, options.stage);
  return testedOf(await runTrial(steps, records.map(recordOf), { ...trialOptions(options), ...world }));
}

/**
 * Runs the tests of a `*.test.yaml` file, for test runners that are to show each of them. Snapshots are compared, and never
 * written.
 * @throws MillraceError what is wrong with the file, the config or the modules it tests
 */
export async function runTests(file: string | URL): Promise<FileReport> {
  return runTestFile(pathOf(file), { snapshots: "none" });
}

async function moduleOf(given: string | URL | Uint8Array, limits: Partial<GuestLimits>): Promise<Module> {
  if (given instanceof Uint8Array) return loadModule(given, "module", limits);
  return loadModuleFile(pathOf(given), limits);
}

function pathOf(given: string | URL): string {
  return typeof given === "string" ? given : fileURLToPath(given);
}

function recordOf(given: GivenRecord): RecordInput {
  return typeof given === "string" || given instanceof Uint8Array ? { value: given } : given;
}

function trialOptions({ earlier, now, timestamp, batchRecordsMax }: CommonOptions): TrialOptions {
  return { earlier: earlier?.map(recordOf), now, timestamp, batchRecordsMax };
}
