import { type ReadPlan, type ReadPlanOptions, readPlan } from "../config/index.ts";
import { moduleFolderOf } from "./module-folder.ts";
import type { ConfigOptions, Session } from "./session.ts";

/**
 * Reads a config with the secrets that the command line and the environment give it. From then on the session tells none
 * of them.
 *
 * @param text the config itself, where it is in no file
 * @throws MillraceError what `readPlan` throws
 */
export function readConfig(
  file: string,
  options: ConfigOptions,
  session: Session,
  text?: string,
): Promise<ReadPlan> {
  return readPlan(file, { ...(text === undefined ? {} : { text }), ...readingOf(options, session) });
}

/** Where configs find secrets and modules. */
export function readingOf(
  { secrets, modules }: ConfigOptions,
  { world, redactor }: Session,
): ReadPlanOptions {
  return {
    secrets: { file: secrets, environment: world.environment },
    moduleFolder: moduleFolderOf(modules, world.environment),
    redactor,
  };
}
