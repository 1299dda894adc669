import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { benchFileFilterFile } from "./file-filter-file.ts";
import { markdown } from "./report.ts";

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "15" },
    out: { type: "string", default: "bench/results" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log("npm run bench -- [--records 1000000] [--rounds 15] [--out bench/results]");
} else {
  const machine = {
    node: process.version,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
  };
  const progress = (line: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
  };
  const result = await benchFileFilterFile(Number(values.records), Number(values.rounds), progress);
  progress("");
  const report = {
    machine,
    command: `npm run bench -- --records ${values.records} --rounds ${values.rounds}`,
    fileFilterFile: result,
  };
  const text = markdown(report);
  await mkdir(values.out, { recursive: true });
  await writeFile(`${values.out}/file-filter-file.json`, `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(`${values.out}/file-filter-file.md`, text);
  console.log(text);
}
