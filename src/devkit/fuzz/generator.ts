import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { utf8 } from "../../base/index.ts";
import { MillraceError, messageOf } from "../../errors.ts";
import type { RecordInput } from "../../record/index.ts";

/** What a generator may give: the arbitrary itself, or a function that makes it with fast-check. */
interface Exports {
  readonly default?: unknown;
}

/**
 * Values that a JavaScript module of the user's own makes: its default export is a fast-check arbitrary of texts, bytes or
 * records, or a function that is given fast-check and makes one.
 * @throws MillraceError `fuzz.generator`
 */
export async function loadGenerator(path: string): Promise<fc.Arbitrary<Uint8Array | RecordInput>> {
  const file = resolve(path);
  const refuse = (what: string, cause?: unknown): MillraceError =>
    new MillraceError("fuzz.generator", `the generator ${what}`, {
      where: { file: path },
      hint: "write `export default (fc) => fc.string()`, or any other arbitrary of texts, bytes or records",
      cause,
    });
  let exported: Exports;
  try {
    exported = (await import(pathToFileURL(file).href)) as Exports;
  } catch (error) {
    throw refuse(`cannot be loaded: ${messageOf(error)}`, error);
  }
  const made = typeof exported.default === "function" ? exported.default(fc) : exported.default;
  if (typeof made !== "object" || made === null || !("generate" in made)) {
    throw refuse("exports no arbitrary as its default");
  }
  return (made as fc.Arbitrary<unknown>).map((value) => {
    if (typeof value === "string") return utf8(value);
    if (value instanceof Uint8Array) return value;
    if (typeof value === "object" && value !== null && "value" in value) return value as RecordInput;
    throw refuse(`made ${JSON.stringify(value) ?? String(value)}, which is no record`);
  });
}
