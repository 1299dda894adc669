import {
  type Figures,
  falsePositiveShareMax,
  type MeasuredCase,
  type MeasuredModule,
} from "../../devkit/index.ts";
import {
  type Column,
  formatBytes,
  formatCount,
  plural,
  printable,
  type Style,
  tableLines,
} from "../output/index.ts";
import { digits, formatNoise, formatShortTime } from "./numbers.ts";
import type { BenchResult } from "./result.ts";

/** What was measured, in a sentence. */
export function shortText({ modules, cases, stopped }: BenchResult, isCompared: boolean): string {
  const [base, ...others] = modules;
  const last = cases.at(-1);
  if (base === undefined || last === undefined) return "stopped before anything was measured";
  const stop = stopped ? "stopped early; " : "";
  const { batchRecords, comparisons } = last;
  if (isCompared && others.length > 0) {
    const verdicts = comparisons.map(
      ({ module, ratio, verdict }) =>
        `${modules[module]?.name}: ${verdict === "no difference" ? verdict : `${verdict}, ${ratio.toFixed(2)}x`}`,
    );
    return `${stop}against ${base.name}, in batches of ${formatCount(batchRecords)}: ${verdicts.join("; ")}`;
  }
  const rates = modules.map(
    ({ name }, index) =>
      `${name}: ${formatCount(last.figures[index]?.recordsPerSecond.median ?? 0)} records/s`,
  );
  return `${stop}in batches of ${formatCount(batchRecords)}, ${rates.join("; ")}`;
}

/** All of it, for people. */
export function measurementText(result: BenchResult, isCompared: boolean, style: Style): string {
  const { modules, cases, machine, files } = result;
  const written = Object.values(files).filter((file) => file !== null);
  return [
    `${style.green(style.glyphs.done)} ${printable(shortText(result, isCompared))}`,
    "",
    ...modules.map(moduleLine),
    ...section("speed", speedLines(modules, cases), style),
    ...section("time of a batch, and what it takes", costLines(modules, cases), style),
    ...(isCompared ? section(`against ${modules[0]?.name}`, comparisonLines(modules, cases), style) : []),
    "",
    ...cautionLines(modules, cases, style),
    ...noteLines(result, isCompared).map(style.dim),
    style.dim(
      `Node ${machine.node}, ${machine.platform}, ${plural(machine.cores, "core")} of ${machine.processor}`,
    ),
    ...written.map((file) => `written: ${printable(file)}`),
  ].join("\n");
}

function section(title: string, [header = "", ...lines]: readonly string[], style: Style): string[] {
  return ["", style.bold(printable(title)), style.dim(header), ...lines];
}

function moduleLine({ name, abi, kind, bytes, sha256, fuel, parameters }: MeasuredModule): string {
  const given = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
  const settings = [...given, ...(fuel ? [] : ["fuel off"])];
  const about = `${kind} of the ${abi} ABI, ${formatBytes(bytes)}, sha256 ${sha256.slice(0, 12)}`;
  return printable(`${name}: ${about}${settings.length === 0 ? "" : `; ${settings.join(", ")}`}`);
}

interface Row {
  readonly module: MeasuredModule;
  readonly figures: Figures;
  readonly of: MeasuredCase;
}

function rowsOf(modules: readonly MeasuredModule[], cases: readonly MeasuredCase[]): readonly Row[] {
  return cases.flatMap((of) =>
    of.figures.flatMap((figures, index) => {
      const module = modules[index];
      return module === undefined ? [] : [{ module, figures, of }];
    }),
  );
}

function tableOf(
  modules: readonly MeasuredModule[],
  cases: readonly MeasuredCase[],
  columns: readonly (readonly [header: string, cell: (row: Row) => string])[],
): readonly string[] {
  const all: readonly (readonly [string, (row: Row) => string])[] = [
    ...(modules.length > 1 ? [["module", ({ module }: Row) => module.name] as const] : []),
    ["batch", ({ of }) => formatCount(of.batchRecords)],
    ["value", ({ of }) => formatBytes(Math.round(of.valueBytes))],
    ...columns,
  ];
  const heads = all.map(([header]): Column => ({ header, align: header === "module" ? "left" : "right" }));
  return tableLines(
    heads,
    rowsOf(modules, cases).map((row) => all.map(([, cell]) => cell(row))),
  );
}

function speedLines(modules: readonly MeasuredModule[], cases: readonly MeasuredCase[]): readonly string[] {
  return tableOf(modules, cases, [
    ["records/s", ({ figures }) => formatCount(figures.recordsPerSecond.median)],
    ["MB/s", ({ figures }) => digits(figures.megabytesPerSecond.median)],
    ["ns/record", ({ figures }) => digits(figures.nsPerRecord.median)],
    [
      "10 to 90 %",
      ({ figures: { nsPerRecord } }) => `${digits(nsPerRecord.low)} to ${digits(nsPerRecord.high)}`,
    ],
    ["host", ({ figures }) => digits(figures.hostNsPerRecord.median)],
    ["module", ({ figures }) => digits(figures.guestNsPerRecord.median)],
    ["parts", ({ figures }) => `${Math.round(figures.partsToWhole * 100)} %`],
  ]);
}

function costLines(modules: readonly MeasuredModule[], cases: readonly MeasuredCase[]): readonly string[] {
  return tableOf(modules, cases, [
    ["p50", ({ figures }) => formatShortTime(figures.batchMs.p50)],
    ["p99", ({ figures }) => formatShortTime(figures.batchMs.p99)],
    ["p99.9", ({ figures }) => formatShortTime(figures.batchMs.p999)],
    ["cold", ({ figures }) => formatShortTime(figures.cold.firstBatchMs)],
    ["compile", ({ figures }) => formatShortTime(figures.cold.compileMs)],
    ["instantiate", ({ figures }) => formatShortTime(figures.instantiateMs.median)],
    ["fuel/record", ({ figures }) => (figures.fuelPerRecord > 0 ? digits(figures.fuelPerRecord) : "-")],
    ["copies", ({ figures }) => digits(figures.copiesPerRecord)],
    ["memory", ({ figures }) => formatBytes(figures.guestMemoryBytes)],
  ]);
}

function comparisonLines(
  modules: readonly MeasuredModule[],
  cases: readonly MeasuredCase[],
): readonly string[] {
  const rows = cases.flatMap((each) =>
    each.comparisons.map(({ module, ratio, low, high, pValue, verdict }) => [
      modules[module]?.name ?? "",
      formatCount(each.batchRecords),
      formatBytes(Math.round(each.valueBytes)),
      `${ratio.toFixed(3)}x`,
      `${low.toFixed(3)} to ${high.toFixed(3)}`,
      formatNoise(each.noiseFloor),
      pValue < 0.001 ? "<0.001" : pValue.toFixed(3),
      verdict,
    ]),
  );
  const headers = ["module", "batch", "value", "speed", "95 % range", "noise", "p", "verdict"];
  const columns = headers.map(
    (header): Column => ({ header, align: /module|verdict/.test(header) ? "left" : "right" }),
  );
  return tableLines(columns, rows);
}

function cautionLines(
  modules: readonly MeasuredModule[],
  cases: readonly MeasuredCase[],
  style: Style,
): string[] {
  return modules.flatMap(({ name }, index) => {
    const outcomes = cases.flatMap(({ figures }) => figures[index]?.outcome ?? []);
    const records = outcomes.reduce((sum, each) => sum + each.records, 0);
    const failed = outcomes.reduce((sum, each) => sum + each.failed, 0);
    if (failed === 0) return [];
    const share = Math.max(1, Math.round((failed * 100) / records));
    const text = `${name} failed ${share} % of the records; what was measured is how long it takes to fail them`;
    return [`${style.yellow(style.glyphs.warning)} ${printable(text)}`];
  });
}

function noteLines({ cases }: BenchResult, isCompared: boolean): string[] {
  const floors = cases.map(({ noiseFloor }) => noiseFloor);
  const noise = `noise: the first module against itself differs by up to ${formatNoise(Math.max(0, ...floors))}`;
  if (!isCompared) return [noise];
  return [
    `${noise}; what is inside of it is no difference`,
    `verdicts: Wilcoxon's signed-rank test over ${plural(cases[0]?.rounds ?? 0, "round")} in drawn order, Holm over all rows, ` +
      `at ${falsePositiveShareMax * 100} %`,
  ];
}
