import type { PipelineCounts } from "../../pipeline/index.ts";
import { formatCount, formatDuration, plural, type Style } from "../output/index.ts";
import type { RunResult } from "./result.ts";
import { stageTable } from "./stage-table.ts";

/** One sentence on a run. */
export function runSummary({ pipeline, end, durationMs, counts }: RunResult): string {
  const time = formatDuration(durationMs);
  const how = { source: `done in ${time}`, signal: `stopped after ${time}`, failure: `failed after ${time}` };
  const records = `${plural(counts.read, "record")} read, ${formatCount(counts.delivered)} delivered`;
  return `${pipeline}: ${how[end]}, ${records}`;
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
  ].join("\n");
}

/** `read 5 = delivered 2 + filtered 3 + skipped 0 + in flight 0`. */
function countsLine({ read, delivered, filtered, skipped, inFlight }: PipelineCounts): string {
  const parts = [
    `delivered ${formatCount(delivered)}`,
    `filtered ${formatCount(filtered)}`,
    `skipped ${formatCount(skipped)}`,
    `in flight ${formatCount(inFlight)}`,
  ];
  return `read ${formatCount(read)} = ${parts.join(" + ")}`;
}
