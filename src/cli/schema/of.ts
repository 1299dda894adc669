/** What there are schemas of. */
export const schemasOf = ["config", "tests", "test-report", "bench", "inspect"] as const;

export type SchemaOf = (typeof schemasOf)[number];
