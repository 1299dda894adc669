import { describe, expect, test } from "vitest";
import { Report } from "../../src/config/report.ts";
import { MillraceError } from "../../src/errors.ts";

function thrownBy(report: Report): MillraceError {
  try {
    report.throwIfAny();
  } catch (error) {
    if (MillraceError.is(error)) return error;
  }
  throw new Error("the report threw nothing");
}

describe("a report", () => {
  test("without problems throws nothing, whatever it warns of", () => {
    const report = new Report("pipe.yaml");
    report.warn({ line: 2, column: 1 }, "later");
    report.warn({ line: 1, column: 3 }, "earlier");
    report.throwIfAny();
    expect(report.warnings.map(({ message }) => message)).toEqual(["earlier", "later"]);
  });

  test("with one problem throws it", () => {
    const report = new Report("pipe.yaml");
    report.error({ line: 12, column: 5 }, "wrong", "mend it");
    const error = thrownBy(report);
    expect(error.problems).toEqual([]);
    expect(error.toJSON()).toEqual({
      code: "config.invalid",
      message: "wrong",
      where: "pipe.yaml:12:5",
      hint: "mend it",
    });
  });

  test("with several throws a headline that carries them in the order of their places", () => {
    const report = new Report("pipe.yaml");
    report.error({ line: 10, column: 1 }, "third");
    report.error({ line: 9, column: 7 }, "second");
    report.error({ line: 9, column: 2 }, "first", undefined, "config.unknown-type");
    const error = thrownBy(report);
    expect(error.problems.map(({ message }) => message)).toEqual(["first", "second", "third"]);
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: "config.invalid",
      message: "the config has 3 problems",
      where: "pipe.yaml",
      problems: [
        { code: "config.unknown-type", message: "first", where: "pipe.yaml:9:2" },
        { code: "config.invalid", message: "second", where: "pipe.yaml:9:7" },
        { code: "config.invalid", message: "third", where: "pipe.yaml:10:1" },
      ],
    });
  });
});
