import { diffLines, type ReplayDifference, type ReplayResult } from "../../devkit/index.ts";
import { formatCount, paintedDiff, plural, type Style, tableLines } from "../output/index.ts";

/** More would hide the counts; `--json` has some more. */
const differencesShownMax = 5;

const numbers = ["records", "same", "added", "dropped", "changed", "failed"] as const;

/** One sentence on a replay. */
export function replaySummary({ capture, batches, records, same, mode, steps }: ReplayResult): string {
  const what = `${plural(records, "record")} in ${plural(batches, "batch", "batches")}`;
  if (same) return `${capture}: ${what} replayed, all the same`;
  const differing = steps.reduce((sum, step) => sum + step.records - step.same, 0);
  const how = mode === "what-if" ? "would come out otherwise" : "came out otherwise";
  return `${capture}: ${what} replayed, ${formatCount(differing)} ${how}`;
}

/** The counts of each step, and the first differences. */
export function replayText(result: ReplayResult, style: Style): string {
  const { same, mode, steps, differences } = result;
  const sign = same || mode === "what-if" ? style.green(style.glyphs.done) : style.red(style.glyphs.failed);
  const columns = [
    { header: "step", align: "left" as const },
    { header: "module", align: "left" as const },
    ...numbers.map((header) => ({ header, align: "right" as const })),
  ];
  const [header = "", ...lines] = tableLines(
    columns,
    steps.map((step) => [step.step, step.module, ...numbers.map((name) => formatCount(step[name]))]),
  );
  const table = steps.length === 0 ? [] : ["", style.bold(header), ...lines];
  return [
    `${sign} ${replaySummary(result)}`,
    ...table,
    ...differences
      .slice(0, differencesShownMax)
      .flatMap((difference) => ["", ...differenceLines(difference, style)]),
  ].join("\n");
}

function differenceLines(difference: ReplayDifference, style: Style): readonly string[] {
  const { batch, record, step, part, byte, captured, now } = difference;
  const place = byte === null ? part : `${part}, from byte ${byte} on`;
  return [
    style.bold(`batch ${batch}, record ${record}, ${step}: ${place}`),
    ...diffText(linesOf(captured), linesOf(now), style),
  ];
}

/** A member of a JSON object to each line, so that people see which one it is. */
function linesOf(text: string): readonly string[] {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2).split("\n");
  } catch {
    return text.split("\n");
  }
}

/** Lines with what was taken out in red and what was put in in green. */
export function diffText(
  before: readonly string[],
  after: readonly string[],
  style: Style,
): readonly string[] {
  return paintedDiff(diffLines(before, after), style, "  ");
}
