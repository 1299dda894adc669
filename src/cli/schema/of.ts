/** What there are schemas of. */
export const schemasOf = [
  "config",
  "tests",
  "test-report",
  "capture-report",
  "replay-report",
  "fuzz-report",
] as const;

export type SchemaOf = (typeof schemasOf)[number];
