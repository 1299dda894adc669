import type { DiffCounts, DiffedRecord, DiffResult, DiffTime, OldAndNew } from "../../devkit/index.ts";
import { digits, formatNoise, formatShortTime } from "../bench/numbers.ts";
import {
  type Column,
  formatBytes,
  formatCount,
  paintedDiff,
  plural,
  printable,
  type Style,
  tableLines,
} from "../output/index.ts";

/** Enough of a line to tell what it is. */
const charactersShownMax = 200;

const kinds: Readonly<Record<keyof DiffCounts, string>> = {
  same: "same",
  added: "added",
  dropped: "dropped",
  changed: "changed",
  failsNow: "fails now",
  failsNoLonger: "fails no longer",
  failsOtherwise: "fails otherwise",
};

/** One sentence on two versions. */
export function diffSummary(result: DiffResult): string {
  const { old, new: now, records, counts, same, stopped, fuelPerRecord, memoryBytes, time } = result;
  const told = `${stopped ? "stopped early; " : ""}${now.name} against ${old.name}, ${plural(records, "record")}`;
  const differing = records - counts.same;
  const come = differing === 1 ? "comes" : "come";
  const what = same ? "the same comes of all" : `${formatCount(differing)} ${come} out otherwise`;
  const takes = [
    ...ratioText("fuel", fuelPerRecord),
    ...ratioText("memory", memoryBytes),
    ...(time === null || time.verdict === "no difference" ? [] : [time.verdict]),
  ];
  return [`${told}: ${what}`, ...takes].join("; ");
}

function ratioText(what: string, { old, new: now, ratio }: OldAndNew): readonly string[] {
  if (old === now) return [];
  return [`${what} ${ratio === null ? "more" : formatRatio(ratio)}`];
}

/** All of it, for people. */
export function diffText(result: DiffResult, style: Style): string {
  const { same, differences, records, counts } = result;
  const sign = same ? style.green(style.glyphs.done) : style.red(style.glyphs.failed);
  const more = records - counts.same - differences.length;
  return [
    `${sign} ${printable(diffSummary(result))}`,
    "",
    ...headed(countLines(result), style),
    ...outputLines(result),
    ...failureLines(result, style),
    "",
    ...headed(costLines(result), style),
    ...noiseLines(result.time, style),
    ...differences.flatMap((difference) => ["", ...differenceLines(difference, style)]),
    ...(more > 0 && differences.length > 0 ? ["", style.dim(`and ${plural(more, "more record")}`)] : []),
  ].join("\n");
}

function headed([header = "", ...lines]: readonly string[], style: Style): readonly string[] {
  return [style.bold(header), ...lines];
}

function countLines({ records, counts }: DiffResult): readonly string[] {
  const names = Object.keys(kinds) as (keyof DiffCounts)[];
  const headers = ["records", ...names.map((name) => kinds[name])];
  return tableLines(
    headers.map((header): Column => ({ header, align: "right" })),
    [[records, ...names.map((name) => counts[name])].map(formatCount)],
  );
}

function outputLines({ output }: DiffResult): readonly string[] {
  return output === "other order" ? ["", "the same records come out in all, in another order"] : [];
}

const oldAndNewColumns: readonly Column[] = [
  { header: "old", align: "right" },
  { header: "new", align: "right" },
];

function failureLines({ failures }: DiffResult, style: Style): readonly string[] {
  if (failures.length === 0) return [];
  const lines = tableLines(
    [{ header: "failed with", align: "left" }, ...oldAndNewColumns],
    failures.map(({ code, old, new: now }) => [code, formatCount(old), formatCount(now)]),
  );
  return ["", ...headed(lines, style)];
}

function costLines({ fuelPerRecord, memoryBytes, time }: DiffResult): readonly string[] {
  const row = (
    what: string,
    { old, new: now, ratio }: OldAndNew,
    text: (value: number) => string,
  ): string[] => [
    what,
    text(old),
    text(now),
    old === now ? "no difference" : ratio === null ? "-" : formatRatio(ratio),
  ];
  return tableLines(
    [{ header: "takes", align: "left" }, ...oldAndNewColumns, { header: "difference", align: "left" }],
    [
      row("fuel/record", fuelPerRecord, digits),
      row("memory", memoryBytes, formatBytes),
      ...(time === null ? [] : [timeRow(time)]),
    ],
  );
}

function timeRow({ oldNsPerRecord, newNsPerRecord, speed, verdict }: DiffTime): string[] {
  const { ratio } = speed;
  const told = ratio === null ? "" : `, ${ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2)}x the speed`;
  return [
    "time/record",
    formatShortTime(oldNsPerRecord.median / 1e6),
    formatShortTime(newNsPerRecord.median / 1e6),
    verdict === "no difference" ? verdict : `${verdict}${told}`,
  ];
}

function noiseLines(time: DiffTime | null, style: Style): readonly string[] {
  if (time === null) return [];
  const floor = formatNoise(time.noiseFloor ?? Number.POSITIVE_INFINITY);
  return [style.dim(`noise: the old version against itself differs by up to ${floor} of its speed`)];
}

function differenceLines(difference: DiffedRecord, style: Style): readonly string[] {
  const { record, kind, part, byte, input, diff } = difference;
  const place = part === "fate" ? "" : `: ${part}${byte === null ? "" : `, from byte ${byte} on`}`;
  return [
    style.bold(
      `record ${record} ${kind === "added" || kind === "dropped" || kind === "changed" ? `is ${kind}` : kinds[kind]}${place}`,
    ),
    `    ${printable(cut(input))}`,
    ...paintedDiff(
      diff.map(({ sign, text }) => ({ sign, text: cut(text) })),
      style,
      "  ",
    ),
  ];
}

function cut(text: string): string {
  if (text.length <= charactersShownMax) return text;
  return `${text.slice(0, charactersShownMax)}… (${formatCount(text.length)} characters)`;
}

/** Small differences need their digits: 1.0004x. */
function formatRatio(ratio: number): string {
  return `${Math.abs(ratio - 1) < 0.01 ? ratio.toFixed(4) : ratio.toFixed(2)}x`;
}
