import { configSchema, type JsonSchema, testFileJsonSchema } from "../../config/index.ts";
import { reportJsonSchema, testReportJsonSchema } from "../../devkit/index.ts";
import { MillraceError } from "../../errors.ts";
import { benchSchema } from "../bench/schema.ts";
import { inspectionSchema } from "../module/schema.ts";
import type { Outcome } from "../outcome.ts";
import type { CommonOptions } from "../session.ts";
import type { SchemaOf } from "./of.ts";

export interface SchemaOptions extends CommonOptions {
  readonly of?: string;
}

const nouns: Readonly<Record<SchemaOf, string>> = {
  config: "a config",
  tests: "a test file",
  "test-report": "a report of tests",
  "capture-report": "a report of a capture",
  "replay-report": "a report of a replay",
  "fuzz-report": "a report of fuzzing",
  "diff-report": "a report of what two versions differ in",
  bench: "what `millrace bench --json` prints",
  inspect: "what `millrace inspect --json` prints",
};

/** What there are schemas of. */
const makers: Readonly<Record<SchemaOf, (connector?: string) => JsonSchema | Promise<JsonSchema>>> = {
  config: configSchema,
  tests: testFileJsonSchema,
  "test-report": testReportJsonSchema,
  "capture-report": () => reportJsonSchema("capture-report"),
  "replay-report": () => reportJsonSchema("replay-report"),
  "fuzz-report": () => reportJsonSchema("fuzz-report"),
  "diff-report": () => reportJsonSchema("diff-report"),
  bench: benchSchema,
  inspect: inspectionSchema,
};

/** @throws MillraceError `config.unknown-type`, `connector.end`, `cli.usage` */
export async function printSchema(
  connector: string | undefined,
  { json, of = "config" }: SchemaOptions,
): Promise<Outcome<JsonSchema>> {
  if (connector !== undefined && of !== "config") {
    throw new MillraceError("cli.usage", `a connector is part of a config, not of ${of}`, {
      hint: "leave the connector or --of out",
    });
  }
  const schema = await makers[of as SchemaOf](connector);
  return {
    summary: `the JSON Schema of ${nouns[of as SchemaOf]}${connector === undefined ? "" : ` with ${connector}`}`,
    result: schema,
    text: json === true ? undefined : JSON.stringify(schema, null, 2),
  };
}
