import type { Where } from "../../errors.ts";

/** A line of a comparison: `-` stands in what was expected, `+` in what is there, a blank in both. */
export interface DiffLine {
  readonly sign: "-" | "+" | " ";
  readonly text: string;
}

/** An expectation that does not hold. */
export interface Finding {
  /** Where it is written. */
  readonly where: Where;
  readonly message: string;
  /** How what is there differs; empty where the message says it all. */
  readonly diff: readonly DiffLine[];
}

/** What came of one test. */
export interface CaseReport {
  readonly name: string;
  readonly where: Where;
  readonly passed: boolean;
  /** Empty for a test that passed. */
  readonly findings: readonly Finding[];
  /** Instructions that all its records took; 0 where the modules did not start. */
  readonly fuel: number;
  /** The most memory that an instance of it had, in bytes. */
  readonly memoryBytesMax: number;
  readonly durationMs: number;
  /** What became of its snapshot; undefined where it has none. */
  readonly snapshot: "written" | "updated" | "same" | "other" | "missing" | undefined;
}

/** What came of the tests of one file. */
export interface FileReport {
  /** As it was named. */
  readonly file: string;
  readonly cases: readonly CaseReport[];
  /** How many of its tests have other names than were asked for. */
  readonly leftOut: number;
  /** Files that its tests depend on, absolute: the test file, modules, configs. */
  readonly dependsOn: readonly string[];
}
