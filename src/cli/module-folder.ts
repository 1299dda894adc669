import { resolve } from "node:path";
import { defaultModuleFolder } from "../modules/index.ts";
import type { Environment } from "./output/index.ts";

/** The folder of the modules: what `--modules` says, else the environment, else `.millrace-modules` in the current folder. */
export function moduleFolderOf(option: string | undefined, environment: Environment): string {
  const { MILLRACE_MODULES: named = "" } = environment;
  return resolve(option ?? (named === "" ? defaultModuleFolder : named));
}
