import { type FoundConnector, settingsOf } from "../../connector/index.ts";
import { knownKeys } from "../schema/known-keys.ts";
import { listAt, textAt } from "../yaml/make.ts";
import { type ConfigNode, type MapEntry, plainOf } from "../yaml/node.ts";

/**
 * The parameters of a connector as its section. They were options of a command line, so `_` and `-` mean the same, the
 * name of the system may stand in front (`mqtt-url`), and a value is written in any way that makes the right text.
 */
export function sectionEntries(
  parameters: ReadonlyMap<string, MapEntry>,
  system: string,
  found: FoundConnector | undefined,
): [string, MapEntry][] {
  if (found === undefined) return [...parameters];
  const schema = settingsOf(found);
  const known = new Map(knownKeys(schema, []).map((key) => [plain(key), key]));
  const prefix = `${plain(system)}-`;
  return [...parameters].map(([name, entry]) => {
    const spelled = plain(name);
    const bare = spelled.startsWith(prefix) ? spelled.slice(prefix.length) : spelled;
    const key = known.get(spelled) ?? known.get(bare) ?? name;
    return [key, { ...entry, value: fitting(entry.value, (value) => takes(found, key, value)) }];
  });
}

function plain(key: string): string {
  return key.replaceAll("_", "-").toLowerCase();
}

/** Whether the connector's schema has nothing against a value of a key, whatever else it misses. */
function takes(found: FoundConnector, key: string, value: unknown): boolean {
  const result = settingsOf(found).safeParse({ [key]: value });
  return result.success || result.error.issues.every(({ path }) => path[0] !== key);
}

/** The value in the first of the ways of writing it that is taken; as it stands where none is. */
function fitting(node: ConfigNode, isTaken: (value: unknown) => boolean): ConfigNode {
  return waysOf(node).find((way) => isTaken(plainOf(way))) ?? node;
}

function waysOf(node: ConfigNode): readonly ConfigNode[] {
  if (node.kind !== "scalar" || node.value === null) return [node];
  const { text, place } = node;
  const inText = textAt(place, text);
  const isNumber = /^-?\d+(?:\.\d+)?$/.test(text);
  return [
    node,
    inText,
    // Durations were whole numbers of seconds.
    ...(/^\d+$/.test(text) ? [textAt(place, `${text}s`)] : []),
    ...(isNumber ? [{ ...inText, value: Number(text) }] : []),
    ...(text === "true" || text === "false" ? [{ ...inText, value: text === "true" }] : []),
    listAt(place, [inText]),
  ];
}
