import { pairOf } from "../../usage.ts";
import {
  addTree,
  ConfigText,
  type GivenNode,
  type GivenTree,
  yamlNumber,
  yamlScalar,
  yamlText,
} from "./config-text.ts";
import type { Flag, FlagKind } from "./flag.ts";
import { addSteps, type GivenStep } from "./steps.ts";

/** What a command line says of a pipeline. */
export interface GivenConfig {
  readonly type: string;
  readonly topic: string;
  readonly name: string;
  readonly nameOption: string;
  /** Where an outbound pipeline begins. */
  readonly from: string | undefined;
  /** Flags with what was given for them: a text, several, or whether they were switched on. */
  readonly values: readonly (readonly [flag: Flag, given: string | boolean | readonly string[]])[];
  readonly steps: readonly GivenStep[];
}

/** @throws MillraceError `cli.usage` */
export function configTextOf(config: GivenConfig): ConfigText {
  const { type, topic, name, nameOption, from, values, steps } = config;
  const text = new ConfigText();
  text.add(0, "apiVersion: 0.1.0");
  text.add(0, "meta:");
  text.add(1, `name: ${yamlText(name)}`, nameOption);
  text.add(1, `type: ${yamlText(type)}`, type);
  text.add(1, `topic: ${yamlText(topic)}`, "--topic");
  if (from !== undefined) {
    text.add(1, "consumer:");
    text.add(2, "offset:");
    const isOffset = /^\d+$/.test(from);
    text.add(3, isOffset ? `start: { absolute: ${from} }` : `start: ${yamlText(from)}`, "--from");
  }
  const tree: GivenTree = new Map();
  for (const [flag, given] of values) place(tree, flag, nodeOf(flag, given));
  const { millrace, ...sections } = Object.fromEntries(tree);
  addTree(text, 0, new Map(Object.entries(sections)));
  addSteps(text, steps);
  if (millrace !== undefined) addTree(text, 0, new Map([["millrace", millrace]]));
  return text;
}

function nodeOf(flag: Flag, given: string | boolean | readonly string[]): GivenNode {
  const { option, kind } = flag;
  if (typeof given === "boolean") return { yaml: String(given), option: given ? option : noOption(option) };
  const texts = typeof given === "string" ? [given] : given;
  if (kind === "list") return texts.map((each) => ({ yaml: yamlText(each), option }));
  if (kind !== "mapping") {
    return { yaml: yamlOf(kind, texts.at(-1) ?? ""), option };
  }
  const [first = ""] = texts;
  if (flag.takesWord && texts.length === 1 && !first.includes("=")) return { yaml: yamlText(first), option };
  return new Map(
    texts.map((each) => {
      const [key, value] = pairOf(option, each);
      return [key, { yaml: yamlOf(flag.pairKinds.get(key) ?? "text", value), option: `${option} ${each}` }];
    }),
  );
}

function yamlOf(kind: FlagKind, text: string): string {
  if (kind === "text") return yamlText(text);
  return kind === "number" ? yamlNumber(text) : yamlScalar(text);
}

/** `--append` switched off is `--no-append`. */
export function noOption(option: string): string {
  return option.replace(/^--/, "--no-");
}

function place(tree: GivenTree, { path }: Flag, node: GivenNode): void {
  let here = tree;
  for (const key of path.slice(0, -1)) {
    const next = here.get(key);
    const inner: GivenTree = next instanceof Map ? next : new Map();
    here.set(key, inner);
    here = inner;
  }
  here.set(path.at(-1) ?? "", node);
}
