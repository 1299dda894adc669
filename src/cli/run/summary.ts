import type { PipelineCounts } from "../../pipeline/index.ts";
import { formatCount, formatDuration, plural, type Style } from "../output/index.ts";
import type { RunResult } from "./result.ts";
import { stageTable } from "./stage-table.ts";

/** One sentence on a run. */
export function runSummary({ pipeline, end, durationMs, counts }: RunResult): string {
  const time = formatDuration(durationMs);
  const how = { source: `done in ${time}`, signal: `stopped after ${time}`, failure: `failed after ${time}` };
  const records = `${plural(counts.read, "record")} read, ${formatCount(counts.delivered)} delivered`;
  const letters = counts.deadLettered === 0 ? "" : `, ${formatCount(counts.deadLettered)} dead-lettered`;
  return `${pipeline}: ${how[end]}, ${records}${letters}`;
}

/** The closing table, and the line that adds up. */
export function runText(result: RunResult, style: Style): string {
  const rows = result.stages.map((stage) => ({
    ...stage,
    recordsPerSecond: stage.recordsPerSecond ?? undefined,
    fuelPerRecord: stage.fuelPerRecord ?? undefined,
  }));
  const [header = "", ...lines] = stageTable(rows, style);
  const sign = result.end === "failure" ? style.red(style.glyphs.failed) : style.green(style.glyphs.done);
  return [
    `${sign} ${runSummary(result)}`,
    "",
    style.bold(header),
    ...lines,
    "",
    countsLine(result.counts),
    ...closingLines(result),
  ].join("\n");
}

/** What happened on the way, and what to do about the records that did not arrive. */
function closingLines({ counts, deadLetterTopic, end, exchanges }: RunResult): string[] {
  const show = `\`millrace dlq show ${deadLetterTopic}\``;
  const last = exchanges.at(-1);
  const exchanged =
    last === undefined
      ? []
      : [
          `modules were exchanged ${plural(exchanges.length, "time")}, at last after ` +
            `${plural(last.recordsBefore, "record")} (${last.at})`,
        ];
  const letters =
    counts.deadLettered === 0 ? [] : [`dead letters are in ${deadLetterTopic}; ${show} shows them`];
  const waits = counts.inFlight > 0 && end === "signal";
  return waits
    ? [...exchanged, ...letters, "what is in flight is read again by the next run"]
    : [...exchanged, ...letters];
}

/** `read 5 = delivered 2 + filtered 3 + dead-lettered 0 + skipped 0 + in flight 0`. */
function countsLine(counts: PipelineCounts): string {
  const { read, delivered, filtered, deadLettered, skipped, inFlight } = counts;
  const parts = [
    `delivered ${formatCount(delivered)}`,
    `filtered ${formatCount(filtered)}`,
    `dead-lettered ${formatCount(deadLettered)}`,
    `skipped ${formatCount(skipped)}`,
    `in flight ${formatCount(inFlight)}`,
  ];
  return `read ${formatCount(read)} = ${parts.join(" + ")}`;
}
