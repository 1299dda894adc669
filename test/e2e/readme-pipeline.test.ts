import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentLogger } from "../../src/base/index.ts";
import { readPlan } from "../../src/config/index.ts";
import { preparePipeline } from "../../src/run/index.ts";

const project = join(import.meta.dirname, "../..");

test("the pipeline of the README is valid as it stands, and its modules take their parameters", async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-readme-"));
  try {
    const readme = await readFile(join(project, "README.md"), "utf8");
    const yaml = /<!-- test: pipeline -->\n```yaml\n(.*?)```/s.exec(readme)?.[1] ?? "";
    await writeFile(join(folder, "pipeline.yaml"), yaml);
    for (const name of ["json-filter", "json-pick"]) {
      await copyFile(
        join(project, `smartmodules/assemblyscript/${name}/${name}.wasm`),
        join(folder, `${name}.wasm`),
      );
    }
    const { plan, warnings } = await readPlan(join(folder, "pipeline.yaml"));
    expect(warnings).toEqual([]);
    const { modules } = await preparePipeline(plan, {
      once: true,
      topicFolder: folder,
      log: silentLogger,
      onSkip: () => {},
    });
    expect(modules.map(({ plan: { stage }, module }) => `${stage} ${module.name}`)).toEqual([
      "filter json-filter.wasm",
      "shape json-pick.wasm",
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
