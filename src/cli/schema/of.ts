/** What there are schemas of. */
export const schemasOf = [
  "config",
  "tests",
  "test-report",
  "capture-report",
  "replay-report",
  "fuzz-report",
  "diff-report",
  "bench",
  "inspect",
] as const;

export type SchemaOf = (typeof schemasOf)[number];
