import { recordLines, type Trail, type TrailStep } from "../../devkit/index.ts";
import { plural, printable, type Style } from "../output/index.ts";
import { diffText } from "./text.ts";

/** What each step made of a record, as lines. */
export function pageLines(trail: Trail, style: Style): readonly string[] {
  const { batch, record, inRun, masked, before, steps } = trail;
  const place = `record ${record} of batch ${batch}, ${inRun} of the run${masked ? ", masked" : ""}`;
  const lines = [style.bold(place), ...recordLines(before).map((line) => `    ${printable(line)}`)];
  let previous = [before];
  for (const step of steps) {
    lines.push(headLine(step, style), ...changeLines(previous, step, style));
    previous = [...step.after];
  }
  return lines;
}

function headLine({ step, became, after }: TrailStep, { bold, dim, green, red, yellow }: Style): string {
  const paint = { kept: dim, dropped: yellow, replaced: green, expanded: green, failed: red }[became];
  const many = became === "expanded" ? ` into ${plural(after.length, "record")}` : "";
  return `${bold(step)}  ${paint(became + many)}`;
}

function changeLines(
  previous: Trail["steps"][number]["after"],
  step: TrailStep,
  style: Style,
): readonly string[] {
  const { became, failure, after } = step;
  const told =
    failure === undefined ? [] : failure.split("\n").map((line) => style.red(`  ! ${printable(line)}`));
  const [before] = previous;
  const [only] = after;
  if (became === "replaced" && previous.length === 1 && before !== undefined && only !== undefined) {
    return [...told, ...diffText(recordLines(before), recordLines(only), style)];
  }
  if (became !== "expanded" && became !== "replaced") return told;
  return [...told, ...after.flatMap((record) => diffText([], recordLines(record), style))];
}
