import type { JsonSchema } from "../../config/index.ts";
import type { ReportName } from "./schemas.ts";

/** The JSON Schema of the `result` in what a command prints with `--json`. */
export async function reportJsonSchema(name: ReportName): Promise<JsonSchema> {
  return (await import("./schemas.ts")).schemaOfReport(name);
}
