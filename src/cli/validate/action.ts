import { silentLogger } from "../../base/index.ts";
import type { Plan } from "../../config/index.ts";
import { formatWhere } from "../../errors.ts";
import type { ErrorPolicy } from "../../pipeline/index.ts";
import { type LoadedStep, preparePipeline } from "../../run/index.ts";
import type { Outcome } from "../outcome.ts";
import { warningLines } from "../output/index.ts";
import { readConfig } from "../read-config.ts";
import type { ConfigOptions, Session } from "../session.ts";
import { topicFolderOf } from "../topic-folder.ts";
import type { ValidatedStep, ValidationResult } from "./result.ts";
import { validationText } from "./text.ts";

export interface ValidateOptions extends ConfigOptions {
  readonly fluvio?: boolean;
}

/**
 * Reads a config and makes its pipeline, without running it.
 * @throws MillraceError what is wrong with the config, its modules or their parameters
 */
export async function validateConfig(
  config: string,
  options: ValidateOptions,
  session: Session,
): Promise<Outcome<ValidationResult>> {
  const { screen, stderr, stdout, world } = session;
  const { plan, warnings, fluvio } = await readConfig(config, options, session);
  for (const warning of warnings) screen.print(warningLines(warning, stderr.style).join("\n"));
  const topicFolder = plan.topicFolder ?? topicFolderOf(options.topics, world.environment).path;
  const { modules } = await preparePipeline(plan, {
    once: true,
    topicFolder,
    log: silentLogger,
    onSkip: () => {},
  });
  const result: ValidationResult = {
    ...described(plan),
    topicFolder,
    steps: modules.map(validatedStep),
    warnings: warnings.map(({ where, message }) => ({ where: formatWhere(where), message })),
    fluvio:
      options.fluvio === true ? fluvio().map((note) => ({ ...note, where: formatWhere(note.where) })) : null,
  };
  return {
    summary: `${plan.file} is a valid config`,
    result,
    text: validationText(result, config, stdout.style),
  };
}

function described({
  name,
  direction,
  type,
  topic,
  file,
  onSourceError,
  onSinkError,
  deadLetterTopic,
}: Plan): Omit<ValidationResult, "topicFolder" | "steps" | "warnings" | "fluvio"> {
  return {
    pipeline: name,
    direction,
    type,
    topic,
    config: file,
    sourceOnError: onSourceError,
    sinkOnError: policyWords(onSinkError),
    deadLetterTopic: deadLetterTopic ?? null,
  };
}

function policyWords(policy: ErrorPolicy): string {
  return typeof policy === "string" ? policy : `${policy.attempts} attempts, then ${policy.lastResort}`;
}

function validatedStep({ plan, module, sha256 }: LoadedStep): ValidatedStep {
  return {
    stage: plan.stage,
    module: module.name,
    version: plan.moduleVersion ?? null,
    file: plan.modulePath,
    sha256,
    kind: module.abi.kind,
    abi: module.abi.name,
    onError: plan.onError,
  };
}
