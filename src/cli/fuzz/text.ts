import { formatCount, plural, printable, type Style } from "../output/index.ts";
import type { FuzzReport, LawReport, ReportedRecord } from "./report.ts";

/** Enough of a value to tell what it is; all of it is in the file that was saved. */
const valueShownMax = 200;
const recordsShownMax = 8;

/** A line for each law, and under a broken one what breaks it. */
export function fuzzText({ laws, seed, saved }: FuzzReport, summary: string, style: Style): string {
  const isBroken = laws.some(({ outcome }) => outcome === "broken");
  const sign = isBroken ? style.red(style.glyphs.failed) : style.green(style.glyphs.done);
  const width = Math.max(...laws.map(({ law }) => law.length));
  return [
    `${sign} ${summary}`,
    "",
    ...laws.flatMap((law) => lawLines(law, width, style)),
    "",
    `seed ${seed}${saved === null ? "" : `; saved as tests in ${saved}`}`,
  ].join("\n");
}

function lawLines(law: LawReport, width: number, style: Style): readonly string[] {
  const { outcome, sentence, runs, message, records } = law;
  const { glyphs, green, red, dim } = style;
  const name = law.law.padEnd(width);
  if (outcome === "skipped") return [dim(`- ${name}  ${message}`)];
  if (outcome === "held")
    return [`${green(glyphs.done)} ${name}  ${sentence} ${dim(`(${formatCount(runs)})`)}`];
  const more = records.length - recordsShownMax;
  return [
    `${red(glyphs.failed)} ${name}  ${sentence}`,
    red(`    ${printable(message ?? "")}`),
    ...records.slice(0, recordsShownMax).map((record, index) => `    ${index}: ${shownRecord(record)}`),
    ...(more > 0 ? [dim(`    and ${plural(more, "more record")}`)] : []),
  ];
}

function shownRecord({ value, encoding, key }: ReportedRecord): string {
  const text = encoding === "base64" ? `base64 ${value}` : JSON.stringify(value);
  const cut =
    text.length > valueShownMax
      ? `${text.slice(0, valueShownMax)}… (${formatCount(text.length)} characters)`
      : text;
  return printable(key === null ? cut : `${cut}, key ${JSON.stringify(key).slice(0, valueShownMax)}`);
}
