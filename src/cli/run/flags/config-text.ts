/** A config as text, which remembers for each of its lines the option that it stands for. */
export class ConfigText {
  readonly #lines: string[] = [];
  readonly #options: (string | undefined)[] = [];

  get text(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  /** @param option what of the command line the line stands for */
  add(depth: number, line: string, option?: string): void {
    this.#lines.push("  ".repeat(depth) + line);
    this.#options.push(option);
  }

  /** The option that a line stands for; lines count from 1. */
  optionAt(line: number): string | undefined {
    return this.#options[line - 1];
  }
}

/** A value with the option that gave it. */
export interface GivenScalar {
  readonly yaml: string;
  readonly option: string;
}

/** What was given, in the shape of the config. */
export type GivenNode = GivenScalar | readonly GivenScalar[] | GivenTree;
export type GivenTree = Map<string, GivenNode>;

export function addTree(text: ConfigText, depth: number, tree: GivenTree): void {
  for (const [key, node] of tree) {
    if (node instanceof Map) {
      text.add(depth, `${yamlText(key)}:`);
      addTree(text, depth + 1, node);
    } else if ("yaml" in node) {
      text.add(depth, `${yamlText(key)}: ${node.yaml}`, node.option);
    } else {
      text.add(depth, `${yamlText(key)}:`, node[0]?.option);
      for (const { yaml, option } of node) text.add(depth + 1, `- ${yaml}`, option);
    }
  }
}

/** A text as YAML: plain where it can be nothing else, quoted as JSON is where it could. */
export function yamlText(text: string): string {
  const isPlain = /^[A-Za-z./][\w./-]*$/.test(text) || /^https?:\/\/[\w./?&=%~+-]+$/.test(text);
  const meansElse = /^(?:true|false|null|yes|no|on|off|y|n|[-+]?\.(?:inf|nan).*|\.\d.*)$/i.test(text);
  if (isPlain && !meansElse) return text;
  // JSON in it is easier to read without its quotes escaped.
  return text.includes('"') && /^[^'\\\p{Cc}]*$/u.test(text) ? `'${text}'` : JSON.stringify(text);
}

/** A number as it was written, and as text where it is none, so that the config's check tells what is wrong. */
export function yamlNumber(text: string): string {
  return /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(text) ? text : yamlText(text);
}

/** A value of which the schema does not say whether it is a text. */
export function yamlScalar(text: string): string {
  return /^(?:true|false)$/.test(text) ? text : yamlNumber(text);
}
