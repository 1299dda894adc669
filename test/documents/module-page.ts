import type { ModuleDescription } from "../smartmodules/descriptions.ts";
import { cell, generatedNote } from "./page.ts";

/** The page of one module, made from its description alone. */
export function modulePage({ name, kind, summary, parameters, example }: ModuleDescription): string {
  const stage = kind === "filter" ? "filter" : "shape";
  const rows = parameters.map((parameter) => {
    const fallback = parameter.required === true ? "required" : text(parameter.default);
    return `| \`${parameter.name}\` | ${cell(parameter.type)} | ${cell(parameter.description)} | ${cell(fallback)} |`;
  });
  const table = ["| parameter | type | what | default |", "| --- | --- | --- | --- |", ...rows].join("\n");
  const given = Object.entries(example.with ?? {}).map(([key, value]) => `    ${key}: ${text(value, true)}`);
  return [
    `# ${name}`,
    generatedNote,
    summary.trim(),
    `Kind: ${kind}. Source: [\`index.ts\`](../../smartmodules/assemblyscript/${name}/index.ts).`,
    "## Parameters",
    rows.length === 0 ? "It takes none." : table,
    "## Example",
    [
      "```yml",
      `${stage}:`,
      `  - uses: smartmodules/assemblyscript/${name}/${name}.wasm`,
      ...(given.length === 0 ? [] : ["    with:", ...given.map((line) => `  ${line}`)]),
      "```",
    ].join("\n"),
    "In:",
    ["```text", ...example.input, "```"].join("\n"),
    "Out:",
    ["```text", ...example.output, "```"].join("\n"),
  ]
    .join("\n\n")
    .concat("\n");
}

function text(value: unknown, quoted = false): string {
  if (value === undefined || value === null) return "";
  const plain = typeof value === "string" ? value : JSON.stringify(value);
  return quoted ? JSON.stringify(value) : `\`${plain}\``;
}
