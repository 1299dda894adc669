import type { Clock, Logger } from "../base/index.ts";
import type { Plan } from "../config/index.ts";
import { formatWhere, MillraceError, messageOf } from "../errors.ts";
import type { Pipeline, Processor } from "../pipeline/index.ts";
import type { AccumulatorOwner, Topic } from "../topic/index.ts";
import { showEarlier } from "./look-back.ts";
import { stepsToOpen } from "./open-steps.ts";
import { checkChanges, hasSameSteps } from "./plan-changes.ts";
import { openProcessor } from "./processor.ts";
import { type LoadedStep, loadSteps } from "./steps.ts";

/** That the modules of a running pipeline were exchanged for others. */
export interface Exchange {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** How many records the modules before have worked on; all that were read later went to these. */
  readonly recordsBefore: number;
  /** All that are there now, in the order of their run. */
  readonly modules: readonly { readonly step: string; readonly sha256: string }[];
}

/** `idle`: no pipeline runs in which anything could be exchanged. */
export type ReloadOutcome = "exchanged" | "unchanged" | "refused" | "idle";

export interface ReloaderParts {
  readonly plan: Plan;
  readonly modules: readonly LoadedStep[];
  readonly processor: Processor;
  readonly pipeline: Pipeline;
  readonly topic: Topic;
  readonly owner: AccumulatorOwner;
  readonly clock: Clock;
  readonly log: Logger;
  /** The config as it is now. */
  readonly readAgain: () => Promise<Plan>;
  readonly onExchange: (exchange: Exchange) => void;
}

/**
 * Takes changed modules and configs over while their pipeline runs. The new modules are opened, initialised and shown earlier
 * records beside the old ones. They take their place between two batches, with what aggregates have added up to there; where
 * anything about them is wrong, the log says what, and the old ones go on.
 */
export class Reloader {
  readonly #parts: ReloaderParts;
  #plan: Plan;
  /** As it was read last, which may have been refused. */
  #lastPlan: Plan;
  #modules: readonly LoadedStep[];
  #processor: Processor;
  #underWay: Promise<ReloadOutcome> = Promise.resolve("idle");
  #isClosed = false;

  constructor(parts: ReloaderParts) {
    this.#parts = parts;
    this.#plan = parts.plan;
    this.#lastPlan = parts.plan;
    this.#modules = parts.modules;
    this.#processor = parts.processor;
  }

  get modules(): readonly LoadedStep[] {
    return this.#modules;
  }

  /** Files of which a change could be of interest. */
  get files(): readonly string[] {
    const modules = [this.#plan, this.#lastPlan].flatMap(({ steps }) => steps.map((step) => step.modulePath));
    return [...new Set([this.#plan.file, ...modules])];
  }

  /** Looks at the config and the modules, and takes over what has changed; one time after another. */
  reload(): Promise<ReloadOutcome> {
    this.#underWay = this.#underWay.then(() => this.#reload());
    return this.#underWay;
  }

  /** Ends what runs, once nothing is being exchanged any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#underWay;
    await this.#processor.close();
  }

  async #reload(): Promise<ReloadOutcome> {
    if (this.#isClosed) return "idle";
    try {
      const plan = await this.#parts.readAgain();
      this.#lastPlan = plan;
      checkChanges(this.#plan, plan);
      const modules = await loadSteps(plan.steps, this.#parts.log);
      const isSame = modules.every(({ sha256 }, i) => sha256 === this.#modules[i]?.sha256);
      if (isSame && hasSameSteps(this.#plan, plan)) return "unchanged";
      return await this.#exchange(plan, modules);
    } catch (error) {
      this.#parts.log.warn(`${textOf(error)}; nothing was exchanged, and the pipeline goes on as it was`);
      return "refused";
    }
  }

  /** @throws MillraceError what is wrong with the new modules */
  async #exchange(plan: Plan, modules: readonly LoadedStep[]): Promise<ReloadOutcome> {
    const { pipeline, topic, owner, clock, log, onExchange } = this.#parts;
    const open = (): Promise<Processor> =>
      openProcessor(plan.isolation, stepsToOpen(modules, topic.accumulators(owner), plan.world), log);
    const adds = modules.some(({ module }) => module.abi.kind === "aggregate");
    if (adds && !plan.keepsPosition) {
      throw new MillraceError(
        "pipeline.reload",
        "what its aggregates have added up is stored nowhere to go on from",
        {
          where: { file: plan.file },
          hint: "let the consumer keep its position, or stop the pipeline and start it again",
        },
      );
    }
    let next = await open();
    let recordsBefore = 0;
    let refusal: { readonly error: unknown } | undefined;
    const before = await pipeline.exchange(async () => {
      try {
        if (adds) {
          // What they have added up is known for sure only now.
          await next.close();
          next = await open();
        }
        await showEarlier(next, topic, plan, clock);
        recordsBefore = pipeline.counts.read;
        return next;
      } catch (error) {
        refusal = { error };
        return undefined;
      }
    });
    if (before === undefined) {
      await next.close();
      if (refusal !== undefined) throw refusal.error;
      return "idle";
    }
    this.#tellLosses(before);
    this.#plan = plan;
    this.#modules = modules;
    this.#processor = next;
    await before.close();
    onExchange({
      at: clock.now(),
      recordsBefore,
      modules: modules.map(({ name, sha256 }) => ({ step: name, sha256 })),
    });
    return "exchanged";
  }

  #tellLosses({ steps }: Processor): void {
    for (const { module, stateLoss, counts } of steps) {
      if (stateLoss === "none" || counts.records === 0) continue;
      this.#parts.log.warn(
        `${module}: what it kept in its memory begins anew with the exchange, as it does when the pipeline is started again`,
      );
    }
  }
}

function textOf(error: unknown): string {
  if (!MillraceError.is(error)) return messageOf(error);
  const { message, where, hint, problems } = error;
  const place = where === undefined ? "" : `${formatWhere(where)}: `;
  const told = [`${place}${message}${hint === undefined ? "" : ` (${hint})`}`, ...problems.map(textOf)];
  return told.join("; ");
}
