import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { moduleFolder } from "./built.ts";

/** What `module.yaml` beside a module's source says of it. */
export interface ModuleDescription {
  readonly name: string;
  readonly kind: string;
  readonly summary: string;
  readonly parameters: readonly ModuleParameter[];
  readonly example: {
    readonly with?: Readonly<Record<string, unknown>>;
    /** Values of records that go in, and of those that come out. */
    readonly input: readonly string[];
    readonly output: readonly string[];
  };
}

interface ModuleParameter {
  readonly name: string;
  readonly type: string;
  readonly required?: boolean;
  readonly default?: unknown;
  readonly description: string;
}

const folder = moduleFolder(".");

/** The modules that come with the project: each folder that has a description. */
export const moduleNames: readonly string[] = readdirSync(folder)
  .filter((name) => existsSync(join(folder, name, "module.yaml")))
  .sort();

export function readDescription(name: string): ModuleDescription {
  return parse(readFileSync(join(folder, name, "module.yaml"), "utf8")) as ModuleDescription;
}
