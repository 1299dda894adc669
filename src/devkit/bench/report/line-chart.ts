import { escapeHtml, shownHtml, tableHtml } from "./html.ts";
import { type Scale, scaleOf } from "./scale.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
  /** The range of `y`, where there is one. */
  readonly low?: number;
  readonly high?: number;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface Axis {
  readonly label: string;
  readonly kind: "linear" | "logarithmic";
  readonly format: (value: number) => string;
  /** Where the marks are, in the place of round numbers. */
  readonly marks?: readonly number[];
}

export interface LineChart {
  readonly title: string;
  /** What is to be seen, in a sentence, for those who do not see it. */
  readonly description: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const width = 640;
const height = 300;
const left = 78;
const right = 16;
const top = 12;
const bottom = 46;
/** Colours repeat after so many series; then dashes tell them apart. */
const colours = 6;
const dashes = ["", "6 4", "2 3"];

/** A chart as a figure of HTML: the picture, a legend, and the same numbers as a table. */
export function lineChart({ title, description, x, y, series }: LineChart): string {
  const points = series.flatMap((each) => each.points);
  const across = scaleOf(
    x.kind,
    points.map((point) => point.x),
    left,
    width - right,
    x.marks,
  );
  const ys = points.flatMap((point) => [point.y, point.low ?? point.y, point.high ?? point.y]);
  const up = scaleOf(y.kind, y.kind === "linear" ? [0, ...ys] : ys, height - bottom, top, y.marks);
  // No two charts of a page have the same title.
  const id = `chart-${title.replaceAll(/\W+/g, "-")}`;
  const picture = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-text">
<title id="${id}-title">${shownHtml(title)}</title><desc id="${id}-text">${shownHtml(description)}</desc>
${yAxis(y, up)}
${xAxis(x, across)}
${series.map((each, index) => seriesPicture(each, index, across, up, { x, y })).join("\n")}
</svg>`;
  return `<figure><figcaption>${shownHtml(title)}</figcaption>
${picture}
${legend(series)}
<details><summary>The same as a table</summary>${tableOf(x, y, series)}</details>
</figure>`;
}

function yAxis({ label, format }: Axis, up: Scale): string {
  const marks = up.marks.map((mark) => {
    const at = place(up.at(mark));
    return (
      `<line class="grid" x1="${left}" x2="${width - right}" y1="${at}" y2="${at}"/>` +
      `<text x="${left - 8}" y="${at + 4}" text-anchor="end">${escapeHtml(format(mark))}</text>`
    );
  });
  const middle = (top + height - bottom) / 2;
  const turned = `x="14" y="${middle}" text-anchor="middle" transform="rotate(-90 14 ${middle})"`;
  return `${marks.join("")}<text ${turned}>${escapeHtml(label)}</text>`;
}

function xAxis({ label, format }: Axis, across: Scale): string {
  const marks = across.marks.map((mark) => {
    const at = place(across.at(mark));
    return (
      `<line class="grid" x1="${at}" x2="${at}" y1="${height - bottom}" y2="${height - bottom + 5}"/>` +
      `<text x="${at}" y="${height - bottom + 19}" text-anchor="middle">${escapeHtml(format(mark))}</text>`
    );
  });
  const middle = (left + width - right) / 2;
  return `${marks.join("")}<text x="${middle}" y="${height - 6}" text-anchor="middle">${escapeHtml(label)}</text>`;
}

function seriesPicture(
  { name, points }: Series,
  index: number,
  across: Scale,
  up: Scale,
  { x, y }: { readonly x: Axis; readonly y: Axis },
): string {
  const colour = `var(--c${index % colours})`;
  const places = points.map((point) => `${place(across.at(point.x))},${place(up.at(point.y))}`);
  const whiskers = points.map(({ x: at, y: value, low = value, high = value }) => {
    const column = place(across.at(at));
    const [from, to] = [place(up.at(low)), place(up.at(high))];
    return `<line class="whisker" stroke="${colour}" x1="${column}" x2="${column}" y1="${from}" y2="${to}"/>`;
  });
  const marks = points.map((point) => {
    const text = `${name}: ${x.format(point.x)}, ${y.format(point.y)}`;
    const [column, row] = [place(across.at(point.x)), place(up.at(point.y))];
    const tip = `<title>${shownHtml(text)}</title>`;
    return `<circle class="mark" cx="${column}" cy="${row}" r="3.5" fill="${colour}">${tip}</circle>`;
  });
  const line = `<polyline class="series" stroke="${colour}"${dashOf(index)} points="${places.join(" ")}"/>`;
  return [line, ...whiskers, ...marks].join("");
}

function legend(series: readonly Series[]): string {
  const items = series.map(({ name }, index) => {
    const line = `<line x1="0" x2="34" y1="6" y2="6" stroke="var(--c${index % colours})" stroke-width="2"${dashOf(index)}/>`;
    return `<li><svg viewBox="0 0 34 12" aria-hidden="true">${line}</svg>${shownHtml(name)}</li>`;
  });
  return `<ul class="legend">${items.join("")}</ul>`;
}

function dashOf(index: number): string {
  const dash = dashes[Math.floor(index / colours) % dashes.length] ?? "";
  return dash === "" ? "" : ` stroke-dasharray="${dash}"`;
}

function tableOf(x: Axis, y: Axis, series: readonly Series[]): string {
  const rows = series.flatMap(({ name, points }) =>
    points.map((point) => [name, x.format(point.x), y.format(point.y)]),
  );
  return tableHtml(["series", x.label, y.label], rows);
}

function place(value: number): number {
  return Math.round(value * 10) / 10;
}
