/** What a reader would do with a code block of a document, as the comment in front of it says. */
export type Block =
  | { readonly use: "file"; readonly name: string; readonly code: string; readonly line: number }
  | { readonly use: "run"; readonly language: string; readonly code: string; readonly line: number }
  | { readonly use: "prints"; readonly code: string; readonly line: number }
  | { readonly use: "nothing"; readonly line: number }
  | { readonly use: "unmarked"; readonly language: string; readonly line: number };

/** Languages that a reader copies; in others, such as `text`, stand pictures and layouts. */
const copied = new Set(["sh", "js", "ts", "yaml", "wat", "c", "json"]);

/**
 * The code blocks of a Markdown document. In front of each that can be copied stands what is to become of it:
 *
 *     <!-- file: NAME -->        it is written into the folder under that name
 *     <!-- run -->               sh or js: it is run in the folder, and must succeed
 *     <!-- prints -->            its lines are in the output of the run before, in this order; … stands for anything
 *     <!-- not run: REASON -->
 */
export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const language = /^```(\w*)$/.exec(lines[i] ?? "")?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf("```", i + 1);
    const code = `${lines.slice(i + 1, end).join("\n")}\n`;
    blocks.push(blockOf(lines.slice(0, i), language, code, i + 1));
    i = end;
  }
  return blocks;
}

function blockOf(before: readonly string[], language: string, code: string, line: number): Block {
  const above = before.findLast((text) => text.trim() !== "") ?? "";
  const [, use = "", detail = ""] = /^<!-- (file|run|prints|not run)(?:: (.*))? -->$/.exec(above) ?? [];
  if (use === "file") return { use, name: detail, code, line };
  if (use === "run") return { use, language, code, line };
  if (use === "prints") return { use, code, line };
  if (use === "not run" && detail !== "") return { use: "nothing", line };
  return copied.has(language) ? { use: "unmarked", language, line } : { use: "nothing", line };
}
