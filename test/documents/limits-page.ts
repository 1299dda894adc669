import { sizeText } from "../../src/base/index.ts";
import { type BoundName, bounds } from "../../src/config/bounds.ts";
import { limitsSchema } from "../../src/config/guest-limits.ts";
import { sectionSchema } from "../../src/config/millrace-section.ts";
import { retrySchema } from "../../src/config/schema/scalars.ts";
import { limits } from "../../src/limits.ts";
import { cell, generatedNote } from "./page.ts";

/** Where a config sets it, and which limit it is. */
type Row = readonly [key: string, name: BoundName];

const moduleRows: readonly Row[] = [
  ["memory-bytes", "memoryBytesMax"],
  ["table-elements", "tableElementsMax"],
  ["module-bytes", "moduleBytesMax"],
  ["fuel-per-record", "fuelPerRecord"],
  ["fuel-per-setup", "fuelPerSetup"],
  ["deadline", "deadlineMs"],
  ["output-bytes-per-record", "recordOutputBytesMax"],
  ["output-bytes-per-batch", "outputBytesMax"],
  ["output-records-per-record", "recordExpansionMax"],
  ["log-lines-per-batch", "moduleLogLinesMax"],
  ["log-bytes-per-batch", "moduleLogBytesMax"],
];

const pipelineRows: readonly Row[] = [
  ["batch-bytes", "batchBytes"],
  ["batch-records", "batchRecordsMax"],
  ["frames-in-flight", "framesInFlightMax"],
];

const retryRows: readonly Row[] = [
  ["attempts", "refusedAttempts"],
  ["backoff", "retryFirstDelayMsMax"],
  ["backoff-max", "retryDelayMsMax"],
];

interface Described {
  readonly description?: string | undefined;
}

/** The page of all limits that a config may set, made from the schema and the table of limits. */
export function limitsPage(): string {
  return [
    "# Limits",
    generatedNote,
    "Everything that a pipeline holds, waits for or lets a module do has a bound. These are the ones that a config can set. A value " +
      "beyond the most is an error in the config. The bounds that nothing sets stand, with their reasons, in " +
      "[`limits.ts`](../src/limits.ts); those of a connector are on [its page](connectors/).",
    "## Of modules",
    "Under `limits:` in the section `millrace:` for all steps, and at a step for its module, where it goes before.",
    table(moduleRows, limitsSchema.shape),
    "`fuel: off` switches the two limits of fuel off, for modules that you trust.",
    "```yml",
    "millrace:",
    "  limits:",
    "    memory-bytes: 256 MiB",
    "    output-bytes-per-record: 1 MiB",
    "filter:",
    "  uses: slow.wasm",
    "  limits:",
    "    fuel-per-record: 5000000",
    "```",
    "## Of the pipeline",
    "In the section `millrace:`.",
    table(pipelineRows, sectionSchema.shape),
    "## Of retries",
    "Under `onError: { retry: … }`, for the pipeline in the section `millrace:` and for its sink under `millrace.sink`.",
    table(retryRows, retrySchema.shape),
  ]
    .join("\n\n")
    .replace(/\n\n(?=(millrace:| {2}limits:| {4}|filter:| {2}uses:|```\n\n))/g, "\n")
    .concat("\n");
}

function table(rows: readonly Row[], shape: Readonly<Record<string, Described>>): string {
  const lines = rows.map(([key, name]) => {
    const { default: usual, unit, reason } = limits[name];
    const { most, reason: because } = bounds[name];
    return `| \`${key}\` | ${shown(usual, unit)} | ${shown(most, unit)}: ${cell(because)} | ${cell(
      shape[key]?.description ?? "",
    )} | ${cell(reason)} |`;
  });
  return [
    "| setting | default | most | what | why this default |",
    "| --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

function shown(value: number, unit: string): string {
  if (unit === "bytes") return sizeText(value);
  if (unit === "ms") return value % 3_600_000 === 0 ? `${value / 3_600_000}h` : `${value}ms`;
  return value.toLocaleString("en");
}
