import type { Figures, MeasuredCase, Measurement } from "../result.ts";
import { falsePositiveShareMax } from "../verdict.ts";
import { pageHtml, shownHtml, tableHtml } from "./html.ts";
import { lineChart, type Series } from "./line-chart.ts";

/** What was measured, as a page with charts that needs nothing else. */
export function reportPage(measurement: Measurement): string {
  const { modules, cases, machine, stopped } = measurement;
  const names = modules.map(({ name }) => name);
  const about = modules.map((each) => [
    each.name,
    `${each.kind} (${each.abi})`,
    formatBytes(each.bytes),
    each.sha256.slice(0, 12),
    Object.entries(each.parameters)
      .map(([key, value]) => `${key}=${value}`)
      .join(", "),
  ]);
  const body = `<h1>What ${shownHtml(names.join(" and "))} cost${names.length === 1 ? "s" : ""}</h1>
<p class="soft">Node ${machine.node}, V8 ${machine.v8}, ${machine.platform},
${machine.cores} cores of ${shownHtml(machine.processor)}.${stopped ? " Stopped early." : ""}</p>
${tableHtml(["module", "kind", "size", "sha256", "parameters"], about)}
${comparisonSection(measurement)}
<h2>Throughput by batch size</h2>
${throughputChart(measurement)}
<h2>How long a batch takes</h2>
<div class="pair">${names.map((name, index) => latencyChart(name, index, cases)).join("\n")}</div>
<h2>Memory over time</h2>
<div class="pair">${memoryCharts(measurement)}</div>
<h2>All figures</h2>
${figuresTable(measurement)}`;
  return pageHtml(`Benchmark of ${names.join(" and ")}`, body);
}

/** Says of the others how they are to the first, where there are others. */
function comparisonSection({ modules, cases }: Measurement): string {
  const noise = cases.map(({ noiseFloor }) => noiseFloor).filter(Number.isFinite);
  const percent = (Math.max(0, ...noise) * 100).toFixed(1);
  const floor = `<p>The first module against itself in the same rounds differs by up to ${percent} %, the noise floor.</p>`;
  if (modules.length < 2) return floor;
  const rows = cases.flatMap(({ batchRecords, valueBytes, noiseFloor, comparisons }) =>
    comparisons.map(({ module, ratio, low, high, pValue, verdict }) => [
      modules[module]?.name ?? "",
      formatCount(batchRecords),
      formatBytes(valueBytes),
      `${ratio.toFixed(3)}x`,
      `${low.toFixed(3)} to ${high.toFixed(3)}`,
      `${(noiseFloor * 100).toFixed(1)} %`,
      pValue.toFixed(4),
      verdict,
    ]),
  );
  const headers = ["module", "batch", "value", "speed", "95 % range", "noise floor", "p", "verdict"];
  return `<h2>Against ${shownHtml(modules[0]?.name ?? "")}</h2>
${floor}
<p class="soft">Wilcoxon's signed-rank test over rounds in drawn order, Holm over all rows,
at ${falsePositiveShareMax * 100} %; what is inside the noise floor is no difference.</p>
${tableHtml(headers, rows)}`;
}

function throughputChart({ modules, cases }: Measurement): string {
  const sizes = [...new Set(cases.map(({ valueBytes }) => valueBytes))];
  const series = modules.flatMap(({ name }, index) =>
    sizes.map((size): Series => {
      const points = cases
        .filter(({ valueBytes }) => valueBytes === size)
        .flatMap(({ batchRecords, figures }) => {
          const rate = figures[index]?.recordsPerSecond;
          return rate === undefined
            ? []
            : [{ x: batchRecords, y: rate.median, low: rate.low, high: rate.high }];
        });
      return { name: sizes.length > 1 ? `${name}, ${formatBytes(size)}` : name, points };
    }),
  );
  const batchSizes = [...new Set(cases.map(({ batchRecords }) => batchRecords))].toSorted((a, b) => a - b);
  return lineChart({
    title: "Records a second by records in a batch",
    description: "A line for each module; the bars are the 10th and 90th percentile of the rounds.",
    x: { label: "records in a batch", kind: "logarithmic", format: formatCount, marks: batchSizes },
    y: { label: "records/s", kind: "linear", format: formatRate },
    series,
  });
}

/** So that 99 %, 99.9 % and so on are equally far apart. */
function nines(share: number): number {
  return -Math.log10(Math.max(1 - share, 1e-5));
}

function latencyChart(name: string, index: number, cases: readonly MeasuredCase[]): string {
  const series = cases.flatMap(({ batchRecords, valueBytes, figures }): Series[] => {
    const own = figures[index];
    if (own === undefined) return [];
    const points = own.batchQuantiles
      .filter(({ ms }) => ms > 0)
      .map(({ share, ms }) => ({ x: nines(share), y: ms * 1000 }));
    return [{ name: `batches of ${formatCount(batchRecords)}, ${formatBytes(valueBytes)}`, points }];
  });
  return lineChart({
    title: `${name}: time of a batch`,
    description:
      "A line for each size: the time that a share of the batches stays below of, up to the slowest.",
    x: {
      label: "share of batches below",
      kind: "linear",
      format: (value) => (value >= 5 ? "all" : `${Number((100 * (1 - 10 ** -value)).toFixed(2))} %`),
      marks: [0, 1, 2, 3, 4, 5],
    },
    y: { label: "microseconds", kind: "logarithmic", format: formatCount },
    series,
  });
}

function memoryCharts({ modules, cases }: Measurement): string {
  const last = cases.at(-1);
  const seriesOf = (pick: (point: Figures["memory"][number]) => number): Series[] =>
    modules.map(({ name }, index) => ({
      name,
      points: (last?.figures[index]?.memory ?? []).map((point) => ({ x: point.records, y: pick(point) })),
    }));
  const x = { label: "records since it was opened", kind: "linear", format: formatRate } as const;
  const y = { label: "bytes", kind: "linear", format: formatBytes } as const;
  return [
    lineChart({
      title: "Memory of the module",
      description:
        "The memory of one instance that works on and on; a line that never becomes level is a leak.",
      x,
      y,
      series: seriesOf(({ guestBytes }) => guestBytes),
    }),
    lineChart({
      title: "Memory of the whole process",
      description: "The same for the process around it.",
      x,
      y,
      series: seriesOf(({ processBytes }) => processBytes),
    }),
  ].join("\n");
}

function figuresTable({ modules, cases }: Measurement): string {
  const rows = cases.flatMap(({ batchRecords, valueBytes, figures }) =>
    figures.map((each, index) => [
      modules[index]?.name ?? "",
      formatCount(batchRecords),
      formatBytes(valueBytes),
      formatCount(each.recordsPerSecond.median),
      each.megabytesPerSecond.median.toFixed(1),
      each.nsPerRecord.median.toFixed(1),
      each.hostNsPerRecord.median.toFixed(1),
      each.guestNsPerRecord.median.toFixed(1),
      ...[each.batchMs.p50, each.batchMs.p99, each.batchMs.p999, each.cold.firstBatchMs].map((ms) =>
        (ms * 1000).toFixed(1),
      ),
      each.cold.compileMs.toFixed(1),
      each.instantiateMs.median.toFixed(2),
      each.fuelPerRecord.toFixed(0),
      each.copiesPerRecord.toFixed(2),
      formatBytes(each.guestMemoryBytes),
    ]),
  );
  const headers = [
    ...[
      "module",
      "batch",
      "value",
      "records/s",
      "MB/s",
      "ns/record",
      "host ns",
      "module ns",
      "p50 µs",
      "p99 µs",
      "p99.9 µs",
    ],
    ...["cold µs", "compile ms", "instantiate ms", "fuel/record", "copies", "memory"],
  ];
  return tableHtml(headers, rows);
}

const counts = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const rates = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const byteCounts = new Intl.NumberFormat("en-US", {
  notation: "compact",
  style: "unit",
  unit: "byte",
  unitDisplay: "narrow",
  maximumFractionDigits: 1,
});

function formatCount(value: number): string {
  return counts.format(value);
}

function formatRate(value: number): string {
  return rates.format(value);
}

function formatBytes(value: number): string {
  return byteCounts.format(value).replace("BB", "GB");
}
