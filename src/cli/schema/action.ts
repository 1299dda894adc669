import { configSchema, type JsonSchema } from "../../config/index.ts";
import { benchSchema } from "../bench/schema.ts";
import { inspectionSchema } from "../module/schema.ts";
import type { Outcome } from "../outcome.ts";
import type { CommonOptions } from "../session.ts";

/** What commands print with `--json`, by their names. */
const outputs: Readonly<Record<string, () => JsonSchema>> = { bench: benchSchema, inspect: inspectionSchema };

/** @throws MillraceError `config.unknown-type`, `connector.end` */
export function printSchema(of: string | undefined, { json }: CommonOptions): Outcome<JsonSchema> {
  const output = of !== undefined && Object.hasOwn(outputs, of) ? outputs[of] : undefined;
  const schema = output?.() ?? configSchema(of);
  const config = `a config${of === undefined ? "" : ` with ${of}`}`;
  return {
    summary: `the JSON Schema of ${output === undefined ? config : `what \`millrace ${of} --json\` prints`}`,
    result: schema,
    text: json === true ? undefined : JSON.stringify(schema, null, 2),
  };
}
