import { configSchema, type JsonSchema } from "../../config/index.ts";
import type { Outcome } from "../outcome.ts";
import type { CommonOptions } from "../session.ts";

/** @throws MillraceError `config.unknown-type`, `connector.end` */
export function printSchema(connector: string | undefined, { json }: CommonOptions): Outcome<JsonSchema> {
  const schema = configSchema(connector);
  return {
    summary: `the JSON Schema of a config${connector === undefined ? "" : ` with ${connector}`}`,
    result: schema,
    text: json === true ? undefined : JSON.stringify(schema, null, 2),
  };
}
