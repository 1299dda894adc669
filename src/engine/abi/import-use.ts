import type { ImportShape } from "../module/shape.ts";
import { preview1Names } from "../wasi/functions.ts";
import { wasiModule } from "../wasi/wasi.ts";

/** What a module gets for an import of its own. */
export interface ImportUse {
  /** False: a module that has it is refused. */
  readonly allowed: boolean;
  /** What it gets, in words. */
  readonly use: string;
}

const world: Readonly<Record<string, string>> = {
  args_get: "there are no arguments",
  args_sizes_get: "there are no arguments",
  clock_res_get: "how fine the clock is",
  clock_time_get: "the clock, or the time of the records with `deterministic`",
  environ_get: "there is no environment",
  environ_sizes_get: "there is no environment",
  fd_fdstat_get: "says of the two outputs what they are",
  fd_write: "the two outputs become lines of the log",
  poll_oneoff: "waiting for the clock is over at once",
  proc_exit: "ends it as a trap does",
  random_get: "random bytes, from a seed with `deterministic`",
  sched_yield: "goes on at once",
};

/** What a module gets for an import, whatever else it has. */
export function importUse({ module, name, kind }: ImportShape): ImportUse {
  if (kind !== "function") return { allowed: false, use: `a ${kind} of the host is never given` };
  if (module === wasiModule && preview1Names.includes(name)) {
    return { allowed: true, use: world[name] ?? "always fails: there are no files and no network" };
  }
  if (name === "copy_records")
    return { allowed: true, use: "how a module built for Fluvio hands its output over" };
  return { allowed: false, use: "a module gets nothing beside its ABI's imports and WASI preview1" };
}
