import { plural, printable, type Style, tableLines } from "../output/index.ts";
import type { ValidationResult } from "./result.ts";

const columns = ["stage", "name", "kind", "ABI", "on error", "sha256"].map((header) => ({
  header,
  align: "left" as const,
}));

/** What would run, for people. */
export function validationText(result: ValidationResult, config: string, style: Style): string {
  const { direction, type, topic, steps, warnings, deadLetterTopic } = result;
  const end = (stage: "source" | "sink", name: string): string[] => [
    stage,
    name,
    "",
    "",
    stage === "source" ? result.sourceOnError : result.sinkOnError,
  ];
  const connector = (stage: "source" | "sink"): string[] => end(stage, type);
  const topicRow = (stage: "source" | "sink"): string[] => end(stage, `topic ${topic}`);
  const rows = [
    direction === "inbound" ? connector("source") : topicRow("source"),
    ...steps.map((step) => [
      step.stage,
      step.version === null ? step.module : `${step.module}@${step.version}`,
      step.kind,
      step.abi,
      step.onError,
      step.sha256.slice(0, 12),
    ]),
    direction === "inbound" ? topicRow("sink") : connector("sink"),
  ];
  const [header = "", ...lines] = tableLines(columns, rows);
  const but = warnings.length === 0 ? "" : `, with ${plural(warnings.length, "warning")}`;
  return [
    `${style.green(style.glyphs.done)} ${printable(config)} is valid${but}`,
    "",
    `${style.bold(printable(result.pipeline))}, ${direction}`,
    style.bold(header),
    ...lines,
    "",
    ...(deadLetterTopic === null ? [] : [`dead letters go to the topic ${printable(deadLetterTopic)}`]),
    `topics are in ${printable(result.topicFolder)}`,
    ...fluvioLines(result, style),
  ].join("\n");
}

function fluvioLines({ fluvio }: ValidationResult, style: Style): string[] {
  if (fluvio === null) return [];
  if (fluvio.length === 0) return ["", `${style.green(style.glyphs.done)} Fluvio takes it as it is`];
  const [header = "", ...lines] = tableLines(
    ["by Fluvio", "what", "at"].map((name) => ({ header: name, align: "left" as const })),
    fluvio.map(({ effect, message, where }) => [effect, message, where]),
  );
  return ["", style.bold(header), ...lines.map(printable)];
}
