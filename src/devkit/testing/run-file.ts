import { resolve } from "node:path";
import {
  type Plan,
  type ReadPlanOptions,
  readPlan,
  readTestFile,
  type TestCase,
  type TestFile,
} from "../../config/index.ts";
import { type GuestLimits, guestLimits, type Module, type WorldOptions } from "../../engine/index.ts";
import { MillraceError } from "../../errors.ts";
import { loadModuleFile } from "../../modules/index.ts";
import { stepsOfPlan, Trial, type TrialResult, type TrialStep } from "../trial/index.ts";
import { evaluate, evaluateStart } from "./evaluate.ts";
import type { CaseReport, FileReport, Finding } from "./report.ts";
import { type SnapshotMode, Snapshots } from "./snapshots.ts";

export interface TestRunOptions {
  /** Only tests whose name has this text, in upper or lower case. */
  readonly filter?: string | undefined;
  readonly snapshots: SnapshotMode;
  /** Where a tested config finds its secrets and the modules that it names. */
  readonly config?: ReadPlanOptions | undefined;
}

/**
 * Runs the tests of a file, one after another, each with modules of its own.
 * @throws MillraceError what is wrong with the file, the config or the modules it tests
 */
export async function runTestFile(file: string, options: TestRunOptions): Promise<FileReport> {
  const testFile = await readTestFile(file);
  const bench = await Workbench.open(testFile, options.config);
  const snapshots = await Snapshots.open(file, options.snapshots);
  const filter = options.filter?.toLowerCase();
  const wanted = testFile.cases.filter(
    ({ name }) => filter === undefined || name.toLowerCase().includes(filter),
  );
  const cases: CaseReport[] = [];
  for (const test of wanted) cases.push(await runCase(test, bench, snapshots));
  await snapshots.close(wanted.length === testFile.cases.length);
  return {
    file,
    cases,
    leftOut: testFile.cases.length - wanted.length,
    dependsOn: [resolve(file), ...bench.dependsOn],
  };
}

async function runCase(test: TestCase, bench: Workbench, snapshots: Snapshots): Promise<CaseReport> {
  const start = performance.now();
  const { name, where } = test;
  const findings: Finding[] = [];
  let result: TrialResult | undefined;
  let snapshot: CaseReport["snapshot"];
  try {
    const trial = await Trial.open(await bench.stepsOf(test), {
      ...bench.world,
      earlier: test.earlier,
      batchRecordsMax: test.batchRecordsMax,
      now: test.now,
    });
    result = trial.run(test.input.map(({ record }) => record));
  } catch (error) {
    if (!MillraceError.is(error)) throw error;
    findings.push(...evaluateStart(test, error));
  }
  if (result !== undefined) {
    findings.push(...evaluate(test, result));
    if (test.snapshot !== undefined) {
      const checked = snapshots.check(name, result, test.snapshot, findings.length === 0);
      snapshot = checked.state;
      findings.push(...checked.findings);
    }
  }
  return {
    name,
    where,
    passed: findings.length === 0,
    findings,
    fuel: result?.fuel ?? 0,
    memoryBytesMax: Math.max(0, ...(result?.steps ?? []).map((step) => step.memoryBytesMax)),
    durationMs: performance.now() - start,
    snapshot,
  };
}

/** What the tests of a file are about, loaded once. */
class Workbench {
  readonly #testFile: TestFile;
  readonly #plan: Plan | undefined;
  /** By the limits it was loaded with; limits are built into a module. */
  readonly #modules = new Map<string, Module>();
  readonly #stages = new Map<string, readonly TrialStep[]>();

  private constructor(testFile: TestFile, plan: Plan | undefined) {
    this.#testFile = testFile;
    this.#plan = plan;
  }

  /** @throws MillraceError what is wrong with the config, or with the module at the place that names it */
  static async open(testFile: TestFile, options: ReadPlanOptions | undefined): Promise<Workbench> {
    const { kind, path } = testFile.subject;
    if (kind === "module") {
      const bench = new Workbench(testFile, undefined);
      await bench.#module(guestLimits());
      return bench;
    }
    const bench = new Workbench(testFile, (await readPlan(path, options)).plan);
    await bench.#stage(undefined);
    return bench;
  }

  /** Absolute paths. */
  get dependsOn(): readonly string[] {
    const steps = this.#plan?.steps ?? [];
    return [this.#testFile.subject.path, ...steps.map(({ modulePath }) => modulePath)];
  }

  /** Time and chance are the same in each run of a test, whatever a config says of its own. */
  get world(): WorldOptions {
    return { ...this.#plan?.world, deterministic: true };
  }

  async stepsOf(test: TestCase): Promise<readonly TrialStep[]> {
    if (this.#plan !== undefined) return this.#stage(test.stage);
    const { parameters, accumulator, lookBack, stateful, limits = guestLimits() } = test;
    return [
      {
        module: await this.#module(limits),
        parameters,
        accumulator: accumulator === undefined ? undefined : new TextEncoder().encode(accumulator),
        lookBack,
        stateful,
      },
    ];
  }

  async #module(limits: GuestLimits): Promise<Module> {
    const key = JSON.stringify(limits);
    const { path, where } = this.#testFile.subject;
    let module = this.#modules.get(key);
    if (module === undefined) {
      module = await loadModuleFile(path, limits).catch((error: unknown) => {
        if (!MillraceError.is(error)) throw error;
        throw new MillraceError(error.code, error.message, { where, hint: error.hint, cause: error });
      });
      this.#modules.set(key, module);
    }
    return module;
  }

  async #stage(stage: TestCase["stage"]): Promise<readonly TrialStep[]> {
    const steps =
      this.#stages.get(String(stage)) ?? (await stepsOfPlan({ steps: this.#plan?.steps ?? [] }, stage));
    this.#stages.set(String(stage), steps);
    return steps;
  }
}
