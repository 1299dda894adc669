import type { JsonSchema } from "../../config/index.ts";
import { count, described, envelope, list, object, orNull, text, truth } from "../json-shape.ts";

/** What `inspect --json` prints. */
export function inspectionSchema(): JsonSchema {
  return envelope(
    ["inspect", "module inspect"],
    object({
      file: text,
      sha256: { type: "string", pattern: "^[0-9a-f]{64}$" },
      bytes: count,
      abi: described("Null, as the kind is, where it cannot be run.", orNull(text)),
      kind: orNull({ enum: ["filter", "map", "filter-map", "array-map", "aggregate"] }),
      looksBack: orNull(truth),
      stateful: described("Null where it is not known: it cannot be run, or does not start.", orNull(truth)),
      startProblem: orNull(object({ code: text, message: text })),
      parameters: described(
        "From the module.yaml beside it; null where there is none.",
        orNull(
          list(object({ name: text, description: orNull(text), required: truth, default: orNull(text) })),
        ),
      ),
      imports: list(object({ module: text, name: text, kind: text, allowed: truth, use: text })),
      exports: list(object({ name: text, kind: text, type: orNull(text) })),
      memories: described("In pages of 64 KiB.", list(object({ pagesMin: count, pagesMax: orNull(count) }))),
      memoryBytesMax: orNull(count),
      name: orNull(text),
      producers: list(object({ field: text, name: text, version: text })),
      sections: list(object({ name: text, bytes: count })),
      functions: object({ count, named: count }),
      advice: list(object({ about: text, text })),
    }),
  );
}
