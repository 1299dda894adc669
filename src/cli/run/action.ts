import { type Logger, nearMiss } from "../../base/index.ts";
import { type ConfigWarning, connectorTypes, type Plan, type ReadPlan } from "../../config/index.ts";
import { MillraceError } from "../../errors.ts";
import {
  type CaptureOptions,
  type Exchange,
  type LettersToReplay,
  preparePipeline,
  type RunnablePipeline,
} from "../../run/index.ts";
import type { Outcome } from "../outcome.ts";
import { type Message, perSecond, plural, printable, warningLines } from "../output/index.ts";
import { readConfig } from "../read-config.ts";
import type { Session } from "../session.ts";
import { topicFolderOf } from "../topic-folder.ts";
import type { RunCommandOptions } from "./options.ts";
import { Progress } from "./progress.ts";
import { type RunEnd, type RunResult, runResult } from "./result.ts";
import { deadLettering, SkipReport } from "./skip-report.ts";
import { stageRow } from "./stage-table.ts";
import { runSummary, runText } from "./summary.ts";

/**
 * Runs the pipeline of a config until its source ends or somebody stops it.
 * @throws MillraceError what keeps the pipeline from being made; what ends its run early is in the outcome, beside
 * the counts
 */
export async function runCommand(
  config: string,
  options: RunCommandOptions,
  session: Session,
): Promise<Outcome<RunResult>> {
  const read = (): Promise<ReadPlan> => readConfigOrConnector(config, options, session);
  const { plan, warnings } = await read();
  const readAgain = async (): Promise<Plan> => (await read()).plan;
  const { outcome } = await runPlan({ plan, warnings, config: plan.file, readAgain }, options, session);
  return outcome;
}

/** A plan, and where it is from. */
export interface PlanToRun extends Pick<ReadPlan, "plan" | "warnings"> {
  /** Absolute path of the config; null where there is none. */
  readonly config: string | null;
  /** Looks at the pipeline before anything is read. @throws MillraceError what speaks against it */
  readonly check?: (pipeline: RunnablePipeline) => void;
  /** Dead letters that go through the pipeline in place of what its source would bring. */
  readonly replay?: LettersToReplay | undefined;
  /** Keeps what the steps do, in place of what the config says of that. */
  readonly capture?: CaptureOptions | undefined;
  /** Stops the run as a person would. */
  readonly stop?: AbortSignal | undefined;
  /** The config as it is now; without it, only modules are looked at again. */
  readonly readAgain?: (() => Promise<Plan>) | undefined;
}

/** How a run went, and the pipeline that ran. */
export interface PlanRun {
  readonly outcome: Outcome<RunResult>;
  readonly pipeline: RunnablePipeline;
}

/**
 * Runs the pipeline of a plan.
 * @throws MillraceError what keeps the pipeline from being made
 */
export async function runPlan(
  { plan, warnings, config, check, replay, capture, stop, readAgain }: PlanToRun,
  options: RunCommandOptions,
  session: Session,
): Promise<PlanRun> {
  const { screen, stderr, stdout, world } = session;
  const warn = (message: Message): void => screen.print(warningLines(message, stderr.style).join("\n"));
  for (const warning of warnings) warn(warning);
  const skips = new SkipReport(warn);
  const letters = new SkipReport(warn, deadLettering(plan.deadLetterTopic ?? ""));
  const pipeline = await preparePipeline(plan, {
    once: options.once === true,
    topicFolder: topicFolderOf(options.topics, world.environment).path,
    log: loggerFor(session, options.quiet === true),
    onSkip: (record) => skips.add(record),
    onDeadLetter: (record) => letters.add(record),
    replay,
    capture,
    readAgain,
    watch: options.watch,
    onExchange: (exchange) => {
      if (options.quiet !== true) screen.print(stderr.style.dim(exchangeLine(exchange)));
    },
  });
  check?.(pipeline);
  world.onReload?.(() => void pipeline.reload());
  const run = await timedRun(pipeline, session, options.quiet === true, stop);
  const reports = { skipped: skips.shown, deadLettered: letters.shown };
  const result = { ...endOf(pipeline, run, reports, warnings), config };
  const tellsNothing = options.quiet === true || (run.error !== undefined && result.counts.read === 0);
  const outcome = {
    summary: runSummary(result),
    result,
    text: tellsNothing ? undefined : runText(result, isStdoutTaken(plan) ? stderr.style : stdout.style),
    error: run.error,
    // Records and what is said about them must not be mixed.
    onStderr: isStdoutTaken(plan),
  };
  return { outcome, pipeline };
}

/** Whether the pipeline's sink writes its records to standard output. */
function isStdoutTaken({ connector, direction }: Plan): boolean {
  return connector.system === "stdio" && direction === "outbound";
}

/** For a word that is no file, what looks like it may be a connector. */
async function readConfigOrConnector(
  config: string,
  options: RunCommandOptions,
  session: Session,
): Promise<ReadPlan> {
  try {
    return await readConfig(config, options, session);
  } catch (error) {
    if (!MillraceError.is(error) || error.code !== "config.not-found" || /[./\\]/.test(config)) throw error;
    const types = connectorTypes().map(({ type }) => type);
    const near = types.find((type) => type.startsWith(`${config}-`)) ?? nearMiss(config, types);
    if (near === undefined) throw error;
    const hint = `did you mean the connector ${near}? \`millrace run ${near} --help\` shows its flags`;
    throw new MillraceError(error.code, error.message, { where: error.where, hint, cause: error });
  }
}

interface TimedRun {
  readonly end: RunEnd;
  readonly durationMs: number;
  readonly error: unknown;
}

async function timedRun(
  pipeline: RunnablePipeline,
  session: Session,
  quiet: boolean,
  otherStop?: AbortSignal,
): Promise<TimedRun> {
  const { screen, stderr, world } = session;
  const now = (): number => performance.now();
  const progress = new Progress({
    screen,
    style: stderr.style,
    columnsMax: () => stderr.columns,
    stages: () => pipeline.stages,
    now,
  });
  const stop = world.stopSignal();
  const tellStop = (): void =>
    screen.print(
      stderr.style.dim("stopping when the records under way have arrived; interrupt again to end at once"),
    );
  if (!quiet) stop.addEventListener("abort", tellStop, { once: true });
  const startMs = now();
  if (!quiet) progress.start();
  try {
    const stops = otherStop === undefined ? stop : AbortSignal.any([stop, otherStop]);
    await pipeline.run(stops);
    return { end: stops.aborted ? "signal" : "source", durationMs: now() - startMs, error: undefined };
  } catch (error) {
    return { end: "failure", durationMs: now() - startMs, error };
  } finally {
    stop.removeEventListener("abort", tellStop);
    progress.stop();
  }
}

function endOf(
  { plan, counts, stages, exchanges }: RunnablePipeline,
  { end, durationMs }: TimedRun,
  reports: Pick<RunResult, "skipped" | "deadLettered">,
  warnings: readonly ConfigWarning[],
): RunResult {
  const rows = stages.map((stage) => stageRow(stage, perSecond(stage.in, durationMs)));
  return runResult(plan, { end, durationMs, counts, rows, exchanges, ...reports, warnings });
}

/** `modules were exchanged after 1,042 records: 1-keep.wasm 3d09ac1fb307`. */
function exchangeLine({ recordsBefore, modules }: Exchange): string {
  const names = modules.map(({ step, sha256 }) => `${printable(step)} ${sha256.slice(0, 12)}`).join(", ");
  return `modules were exchanged after ${plural(recordsBefore, "record")}: ${names || "none are left"}`;
}

/** In a pipe only what needs attention is told; on a terminal also what happens. */
function loggerFor({ screen, stderr }: Session, quiet: boolean): Logger {
  return {
    debug() {},
    info(message) {
      if (screen.isLive && !quiet) screen.print(stderr.style.dim(message));
    },
    warn: (message) => screen.print(warningLines({ message }, stderr.style).join("\n")),
  };
}
