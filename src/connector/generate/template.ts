import type { RecordMaker } from "./kinds.ts";

export const placeholderNames = ["index", "timestamp", "random"] as const;

type PlaceholderName = (typeof placeholderNames)[number];

/** A piece of a template: text, or a placeholder whose name is undefined where there is none like it. */
interface Part {
  readonly text: string;
  readonly placeholder?: string;
  readonly name?: PlaceholderName | undefined;
}

export function parseTemplate(template: string): Part[] {
  return template.split(/(\{\{.*?\}\})/s).map((text, index) => {
    if (index % 2 === 0) return { text };
    const placeholder = text.slice(2, -2).trim();
    return { text, placeholder, name: placeholderNames.find((name) => name === placeholder) };
  });
}

/** Makes records of a template. Each `{{random}}` in it is a number of its own. */
export function templateMaker(template: string): RecordMaker {
  const parts = parseTemplate(template);
  return (index, time, random) => {
    const made = { index: () => index, timestamp: () => time, random: () => random.below(1_000_000) };
    return parts.map(({ text, name }) => (name === undefined ? text : made[name]())).join("");
  };
}
