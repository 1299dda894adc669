import type { FileFilterFile } from "./file-filter-file.ts";
import type { Spread } from "./statistics.ts";

export interface Report {
  readonly machine: {
    readonly node: string;
    readonly v8: string;
    readonly platform: string;
    readonly processor: string;
    readonly cores: number;
  };
  readonly command: string;
  readonly fileFilterFile: FileFilterFile;
}

/** The report as Markdown: ratios with the noise floor beside them, then where the time goes. */
export function markdown({ machine, command, fileFilterFile }: Report): string {
  const { workload, rounds, contenders, noise, dissection } = fileFilterFile;
  const { copiesPerRecord, ...parts } = dissection;
  const total = Object.values(parts).reduce((sum, ns) => sum + ns, 0);
  const host = parts.copyIn + parts.gather;
  return `# file → json-filter → file

${workload.records.toLocaleString("en")} log records of ${Math.round(workload.bytes / workload.records)} bytes, ${percent(workload.matching / workload.records)} match; batches of about 1 MiB; files in memory;
${rounds} rounds, all contenders in each round. Node ${machine.node}, V8 ${machine.v8}, ${machine.platform}, ${machine.cores} cores of ${machine.processor}.

Reproduce with \`${command}\`. Figures are medians, with the 10th and 90th percentile.

| contender | million records/s | time against Millrace |
|---|---|---|
${contenders.map(({ name, recordsPerSecond, ratio }) => `| ${name} | ${spread(recordsPerSecond, 1e6)} | ${spread(ratio, 1)}x |`).join("\n")}

Noise floor: Millrace against itself in the same rounds, ${spread(noise, 1)}x. A ratio inside this is no difference.

Where the time of one pass goes, its parts run one after another (in the pipeline, reading and writing overlap with the rest):

| part | ns for each record | share |
|---|---|---|
${Object.entries(parts)
  .map(([name, ns]) => `| ${names[name] ?? name} | ${ns.toFixed(1)} | ${percent(ns / total)} |`)
  .join("\n")}
| all | ${total.toFixed(1)} | |

Host time without reading, splitting and writing: ${host.toFixed(1)} ns for each record. Copies per record: ${copiesPerRecord.toFixed(2)}.
`;
}

const names: Readonly<Record<string, string>> = { copyIn: "copy in" };

function spread({ low, median, high }: Spread, unit: number): string {
  return `${(median / unit).toFixed(2)} (${(low / unit).toFixed(2)} to ${(high / unit).toFixed(2)})`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
