import { expect, test } from "vitest";
import { findConnector } from "../../../src/connector/index.ts";

const { settings } = findConnector("generate-source").spec;

test("nothing has to be set", () => {
  expect(settings.parse({})).toEqual({ seed: 1, start: "2024-01-01T00:00:00Z", step: 10 });
});

test.each([
  [{ count: -1 }, "count: expected 0 records or more"],
  [{ count: 1.5 }, "count: expected a whole number of records"],
  [{ rate: 0 }, "rate: expected 0.001 records per second or more"],
  [{ rate: "fast" }, "rate: expected a number of records per second"],
  [{ kind: "cats" }, "kind: "],
  [{ kind: "log", template: "x" }, "template: `kind` and `template` cannot be used together"],
  [
    { template: "{{indx}}" },
    'template: "{{indx}}" is no placeholder; there are {{index}}, {{timestamp}}, {{random}}',
  ],
  [{ template: "{{}}" }, 'template: "{{}}" is no placeholder'],
  [{ start: "yesterday" }, "start: expected a time such as 2024-01-01T00:00:00Z"],
  [{ step: "0s" }, 'step: "0s" is too short'],
  [{ seed: "x" }, "seed: expected a whole number"],
])("%j is refused", (given, problem) => {
  const { error } = settings.safeParse(given);
  const found = (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(problem);
});
