import { resolve } from "node:path";
import type { Environment } from "./output/index.ts";

export interface TopicFolder {
  readonly path: string;
  /** What named it, for messages; undefined when nothing did. */
  readonly namedBy: string | undefined;
}

/** The folder of the topics: what `--topics` says, else the environment, else `.millrace` in the current folder. */
export function topicFolderOf(option: string | undefined, environment: Environment): TopicFolder {
  if (option !== undefined) return { path: resolve(option), namedBy: "--topics" };
  const { MILLRACE_TOPICS: named = "" } = environment;
  if (named !== "") return { path: resolve(named), namedBy: "MILLRACE_TOPICS" };
  return { path: resolve(".millrace"), namedBy: undefined };
}
