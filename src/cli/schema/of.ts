/** What there are schemas of. */
export const schemasOf = ["config", "tests", "test-report"] as const;

export type SchemaOf = (typeof schemasOf)[number];
