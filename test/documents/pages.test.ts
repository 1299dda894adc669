import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bounds } from "../../src/config/bounds.ts";
import { readPlan } from "../../src/config/index.ts";
import { connectors } from "../../src/connector/index.ts";
import { moduleNames, readDescription } from "../smartmodules/descriptions.ts";
import { connectorPage } from "./connector-page.ts";
import { limitsPage } from "./limits-page.ts";
import { modulePage } from "./module-page.ts";

const project = join(import.meta.dirname, "../..");

// `npm run build:documents` writes the pages anew.
describe("the page of the connector", () => {
  test.each(connectors.map((spec) => [spec.system, spec] as const))("%s is current", async (system, spec) => {
    await expect(connectorPage(spec)).toMatchFileSnapshot(join(project, `docs/connectors/${system}.md`));
  });

  test.each(
    connectors.flatMap(({ system, example, source, sink }) => [
      ...(source === undefined ? [] : [[`${system}-source`, example?.source] as const]),
      ...(sink === undefined ? [] : [[`${system}-sink`, example?.sink] as const]),
    ]),
  )("%s has an example that is a config without warnings", async (type, text = "") => {
    const { plan, warnings } = await readPlan(join(project, "example.yaml"), { text });
    expect([plan.type, warnings]).toEqual([type, []]);
  });
});

describe("the page of the module", () => {
  test.each(moduleNames)("%s is current", async (name) => {
    const page = modulePage(readDescription(name));
    await expect(page).toMatchFileSnapshot(join(project, `docs/modules/${name}.md`));
  });
});

test("the page of the limits is current", async () => {
  await expect(limitsPage()).toMatchFileSnapshot(join(project, "docs/limits.md"));
});

test("each limit that a config can set is on the page", () => {
  const page = limitsPage();
  // The window of errors is the one that has no default.
  expect(page.match(/^\| `/gm)).toHaveLength(Object.keys(bounds).length - 1);
  for (const { reason } of Object.values(bounds)) {
    if (reason !== bounds.errorWindowRecordsMax.reason) expect(page).toContain(reason);
  }
});
