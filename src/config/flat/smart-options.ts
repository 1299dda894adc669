import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Report } from "../report.ts";
import { listAt, mapAt, textAt } from "../yaml/make.ts";
import { type ConfigNode, describe, type MapEntry, type MapNode, type ScalarNode } from "../yaml/node.ts";

type Stage = "filter" | "shape" | "transforms";

/** The stage of each option that names a module, by its name without `smartstream-`, in the order of their run. */
const stageOf: ReadonlyMap<string, Stage> = new Map([
  ["filter", "filter"],
  ["map", "shape"],
  ["filter-map", "shape"],
  ["arraymap", "shape"],
  ["array-map", "shape"],
  ["aggregate", "shape"],
  ["smart-module", "transforms"],
  ["smartmodule", "transforms"],
]);

const initialOptions: readonly string[] = ["aggregate-initial-value", "aggregate-initial"];
const parameterOptions: readonly string[] = ["smartmodule-parameters", "smartstream-parameters"];

interface Named {
  readonly option: string;
  readonly kind: string;
  readonly entry: MapEntry;
  readonly module: ScalarNode;
}

/**
 * Takes the options that name modules out of the parameters of a connector: `smartstream-filter`, `filter`, `map`,
 * `arraymap` and the like, of which there was one for each kind. A value that is the path of a file was that, and any
 * other the name of a module.
 */
export function takeSmartOptions(
  parameters: MapNode,
  folder: string,
  report: Report,
): {
  readonly rest: ReadonlyMap<string, MapEntry>;
  readonly stages: readonly (readonly [Stage, MapEntry])[];
} {
  const rest = new Map<string, MapEntry>();
  const named: Named[] = [];
  let initial: MapEntry | undefined;
  let given: MapEntry | undefined;
  for (const [option, entry] of parameters.entries) {
    const spelled = option.replaceAll("_", "-").toLowerCase();
    const kind = spelled.replace(/^smartstream-(?!parameters)/, "");
    if (initialOptions.includes(kind)) initial = entry;
    else if (parameterOptions.includes(spelled)) given = entry;
    else if (!stageOf.has(kind)) rest.set(option, entry);
    else if (entry.value.kind === "scalar" && typeof entry.value.value === "string") {
      named.push({ option, kind, entry, module: entry.value });
    } else {
      const found = describe(entry.value);
      report.error(entry.value.place, `parameters.${option}: expected the name of a module, found ${found}`);
    }
  }
  const pairs = given === undefined ? undefined : pairsOf(given.value, report);
  const order = [...stageOf.keys()];
  named.sort((left, right) => order.indexOf(left.kind) - order.indexOf(right.kind));
  const byStage = new Map<Stage, Named[]>();
  for (const each of named) {
    const stage = stageOf.get(each.kind) ?? "transforms";
    byStage.set(stage, [...(byStage.get(stage) ?? []), each]);
  }
  const stages = [...byStage].map(([stage, all]): readonly [Stage, MapEntry] => {
    const [{ entry } = { entry: { keyPlace: parameters.place, value: parameters } }] = all;
    all.forEach(({ option }, index) => {
      report.callBy([[`${stage}[${index}].uses`, `parameters.${option}`]]);
    });
    const steps = all.map((each) => stepOf(each, folder, initial, pairs));
    return [stage, { keyPlace: entry.keyPlace, value: listAt(entry.keyPlace, steps) }];
  });
  return { rest, stages };
}

function stepOf(
  { kind, entry, module }: Named,
  folder: string,
  initial: MapEntry | undefined,
  pairs: MapNode | undefined,
): MapNode {
  const { keyPlace } = entry;
  const uses = String(module.value);
  const isFile = existsSync(resolve(folder, uses)) && !/^\.{0,2}\//.test(uses);
  const entries: [string, MapEntry][] = [
    ["uses", { keyPlace, value: textAt(module.place, isFile ? `./${uses}` : uses) }],
  ];
  if (pairs !== undefined) entries.push(["with", { keyPlace, value: pairs }]);
  // An aggregate goes on from what was stored for it in any case.
  const isFromLast = initial?.value.kind === "scalar" && initial.value.value === "use-last";
  if (kind === "aggregate" && initial !== undefined && !isFromLast) entries.push(["accumulator", initial]);
  return mapAt(keyPlace, entries);
}

/** `["key:value"]`, or a mapping; every value was a text. */
function pairsOf(node: ConfigNode, report: Report): MapNode | undefined {
  if (node.kind === "map") {
    const entries = [...node.entries].map(([key, entry]): [string, MapEntry] => [
      key,
      { ...entry, value: entry.value.kind === "scalar" ? textOf(entry.value) : entry.value },
    ]);
    return mapAt(node.place, entries);
  }
  const items = node.kind === "list" ? node.items : [node];
  const entries = new Map<string, MapEntry>();
  for (const item of items) {
    const [, key, value] = item.kind === "scalar" ? (/^([^:=]+)[:=](.*)$/s.exec(item.text) ?? []) : [];
    if (key === undefined || value === undefined) {
      report.error(
        item.place,
        `parameters.smartmodule-parameters: expected key:value, found ${describe(item)}`,
      );
      continue;
    }
    entries.set(key.trim(), { keyPlace: item.place, value: textAt(item.place, value.trim()) });
  }
  return mapAt(node.place, entries);
}

function textOf(node: ScalarNode): ScalarNode {
  return textAt(node.place, node.text);
}
