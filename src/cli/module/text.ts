import { formatBytes, plural, printable, type Style, tableLines } from "../output/index.ts";
import type { Inspection } from "./inspection.ts";

const pageBytes = 65_536;

/** What a module is, for people. */
export function inspectionText(inspection: Inspection, summary: string, style: Style): string {
  const { abi, kind, sha256, bytes, name, producers } = inspection;
  const rows: (readonly [string, string])[] = [
    ["ABI", abi ?? "none that is known here"],
    ["kind", kind ?? "not known"],
    ["stateful", statefulText(inspection)],
    ["looks back", yesNo(inspection.looksBack)],
    ["size", formatBytes(bytes)],
    ["sha256", sha256],
    ["memory", memoryText(inspection)],
    ["imports", importsText(inspection)],
    ["exports", inspection.exports.map((each) => `${each.name}${each.type ?? ` (${each.kind})`}`).join("\n")],
    ["functions", functionsText(inspection)],
    ["sections", sectionsText(inspection)],
    ...(name === null ? [] : [["name", name] as const]),
    ...(producers.length === 0
      ? []
      : [["made by", producers.map((each) => `${each.name} ${each.version}`.trim()).join(", ")] as const]),
  ];
  const width = Math.max(...rows.map(([label]) => label.length)) + 2;
  const lines = rows.flatMap(([label, text]) =>
    printable(text)
      .split("\n")
      .map((line, index) => (index === 0 ? label.padEnd(width) : " ".repeat(width)) + line),
  );
  const sign = abi === null ? "" : `${style.green(style.glyphs.done)} `;
  return [
    `${sign}${printable(summary)}`,
    "",
    ...lines,
    ...parameterLines(inspection, style),
    ...adviceLines(inspection, style),
  ].join("\n");
}

function statefulText({ stateful, startProblem, kind }: Inspection): string {
  if (stateful !== null) return yesNo(stateful);
  if (kind === null || startProblem === null) return "not known";
  return `not known, since it does not start: ${startProblem.message}\ngive it its parameters with --with key=value`;
}

function yesNo(value: boolean | null): string {
  return value === null ? "not known" : value ? "yes" : "no";
}

function memoryText({ memories, memoryBytesMax }: Inspection): string {
  return (
    memories
      .map(({ pagesMin, pagesMax }) => {
        const first = `${formatBytes(pagesMin * pageBytes)} to begin with (${plural(pagesMin, "page")})`;
        const own = pagesMax === null ? Number.POSITIVE_INFINITY : pagesMax * pageBytes;
        if (memoryBytesMax !== null && memoryBytesMax < own)
          return `${first}, at most ${formatBytes(memoryBytesMax)} here, unless \`memory-bytes\` says otherwise`;
        return pagesMax === null ? `${first}, no limit of its own` : `${first}, at most ${formatBytes(own)}`;
      })
      .join("\n") || "none"
  );
}

function importsText({ imports }: Inspection): string {
  const lines = imports.map(
    ({ module, name, allowed, use }) => `${module}.${name}: ${allowed ? "" : "refused, "}${use}`,
  );
  return lines.join("\n") || "none";
}

function functionsText({ functions: { count, named } }: Inspection): string {
  return `${plural(count, "function")}, ${named === 0 ? "without names" : "with names"}`;
}

/** The largest first, with their share of the file; the smallest are not worth the room. */
function sectionsText({ sections, bytes }: Inspection): string {
  return sections
    .filter((section) => section.bytes * 200 >= bytes)
    .toSorted((a, b) => b.bytes - a.bytes)
    .map(
      (section) =>
        `${section.name} ${formatBytes(section.bytes)} (${Math.round((section.bytes * 100) / bytes)} %)`,
    )
    .join(", ");
}

function adviceLines({ advice }: Inspection, style: Style): string[] {
  if (advice.length === 0) return [];
  return ["", style.bold("advice"), ...advice.map(({ text }) => `${style.glyphs.hint} ${printable(text)}`)];
}

function parameterLines({ parameters }: Inspection, style: Style): string[] {
  if (parameters === null) return [];
  if (parameters.length === 0) return ["", "It takes no parameters."];
  const columns = ["parameter", "default", "description"].map((header) => ({
    header,
    align: "left" as const,
  }));
  const [header = "", ...lines] = tableLines(
    columns,
    parameters.map((each) => [
      each.name,
      each.required ? "(required)" : (each.default ?? ""),
      each.description ?? "",
    ]),
  );
  return ["", style.bold(header), ...lines];
}
