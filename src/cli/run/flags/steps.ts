import type { Command } from "commander";
import { Option } from "commander";
import { MillraceError } from "../../../errors.ts";
import { pairOf } from "../../usage.ts";
import type { ConfigText } from "./config-text.ts";
import { yamlText } from "./config-text.ts";

/** A module as it was given on the command line, with what was said of it behind it. */
export interface GivenStep {
  /** The flag that gave it, such as `--filter`. */
  readonly flag: string;
  /** The kind that the flag asks for; undefined: any. */
  readonly kind: string | undefined;
  readonly uses: string;
  readonly parameters: (readonly [key: string, value: string])[];
  readonly settings: { readonly key: string; readonly yaml: string; readonly option: string }[];
}

const moduleFlags = [
  ["--filter", "filter", "module that drops records"],
  ["--map", "map", "module that changes records"],
  ["--filter-map", "filter-map", "module that drops and changes records"],
  ["--array-map", "array-map", "module that makes several records of one"],
  ["--aggregate", "aggregate", "module that adds records up"],
  ["--transform", undefined, "module of any kind"],
] as const;

/** Adds the flags of modules. What they were given is in the list that comes back, once the command line is parsed. */
export function addStepFlags(command: Command): readonly GivenStep[] {
  const steps: GivenStep[] = [];
  const last = (flag: string): GivenStep => {
    const step = steps.at(-1);
    if (step !== undefined) return step;
    throw new MillraceError("cli.usage", `${flag} stands before the module that it is about`, {
      hint: `give the module first: --filter keep.wasm ${flag} …`,
    });
  };
  const add = (flags: string, description: string, take: (text: string) => void): void => {
    const option = new Option(flags, description).argParser((text: string) => take(text));
    command.addOption(option.helpGroup("Modules, run in the order in which they are given:"));
  };
  for (const [flag, kind, description] of moduleFlags) {
    add(`${flag} <module>`, description, (uses) => {
      steps.push({ flag, kind, uses, parameters: [], settings: [] });
    });
  }
  add("-e, --with <key=value>", "parameter of the module before it; may be repeated", (text) => {
    last("--with").parameters.push(pairOf("--with", text));
  });
  add("--lookback <what>", "earlier records that the module before it sees first: 100, or 10m", (text) => {
    const key = /^\d+$/.test(text) ? "last" : "age";
    const yaml = `{ ${key}: ${key === "last" ? text : yamlText(text)} }`;
    last("--lookback").settings.push({ key: "lookback", yaml, option: `--lookback ${text}` });
  });
  add("--aggregate-initial <text>", "what the aggregate before it begins with", (text) => {
    const option = "--aggregate-initial";
    last(option).settings.push({ key: "accumulator", yaml: yamlText(text), option });
  });
  return steps;
}

export function addSteps(text: ConfigText, steps: readonly GivenStep[]): void {
  if (steps.length === 0) return;
  text.add(0, "transforms:");
  for (const { flag, kind, uses, parameters, settings } of steps) {
    const note = kind === undefined ? "" : ` # ${kind}`;
    text.add(1, `- uses: ${yamlText(uses)}${note}`, `${flag} ${uses}`);
    for (const { key, yaml, option } of settings) text.add(2, `${key}: ${yaml}`, option);
    if (parameters.length > 0) text.add(2, "with:");
    for (const [key, value] of parameters) {
      text.add(3, `${yamlText(key)}: ${yamlText(value)}`, `--with ${key}=${value}`);
    }
  }
}
