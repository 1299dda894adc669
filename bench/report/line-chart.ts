export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

interface ChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
}

const width = 720;
const height = 300;
const margin = { left: 64, right: 16, top: 36, bottom: 44 };
const colours = ["#2563eb", "#c2410c", "#15803d", "#7c3aed"];
const tickCount = 5;

/** A line chart as SVG, from 0 on both axes. */
export function lineChart(series: readonly Series[], { title, xLabel, yLabel }: ChartOptions): string {
  const all = series.flatMap(({ points }) => points);
  const xMax = Math.max(...all.map(({ x }) => x));
  const yMax = Math.max(...all.map(({ y }) => y)) * 1.1;
  const xAt = (x: number): number => margin.left + (x / xMax) * (width - margin.left - margin.right);
  const yAt = (y: number): number =>
    height - margin.bottom - (y / yMax) * (height - margin.top - margin.bottom);
  const ticks = Array.from({ length: tickCount + 1 }, (_, i) => i / tickCount);
  const right = width - margin.right;
  const bottom = height - margin.bottom;
  const parts = [
    `<text x="${margin.left}" y="20" font-size="14" font-weight="bold">${title}</text>`,
    ...ticks.map((share) => {
      const y = yAt(yMax * share).toFixed(1);
      return `<line x1="${margin.left}" x2="${right}" y1="${y}" y2="${y}" stroke="#e5e7eb"/><text x="${margin.left - 6}" y="${y}" text-anchor="end" dominant-baseline="middle">${(yMax * share).toFixed(0)}</text>`;
    }),
    ...ticks.map(
      (share) =>
        `<text x="${xAt(xMax * share).toFixed(1)}" y="${bottom + 16}" text-anchor="middle">${(xMax * share).toFixed(1)}</text>`,
    ),
    `<text x="${(margin.left + right) / 2}" y="${height - 8}" text-anchor="middle">${xLabel}</text>`,
    `<text transform="translate(14 ${(margin.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${yLabel}</text>`,
    ...series.map(({ name, points }, i) => {
      const line = points.map(({ x, y }) => `${xAt(x).toFixed(1)},${yAt(y).toFixed(1)}`).join(" ");
      const colour = colours[i % colours.length];
      return `<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="1.5"/><text x="${right - 4}" y="${margin.top + 14 * i}" text-anchor="end" fill="${colour}">${name}</text>`;
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">\n<rect width="${width}" height="${height}" fill="#fff"/>\n${parts.join("\n")}\n</svg>\n`;
}
