import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { MillraceError, messageOf } from "../errors.ts";

/** A parameter of a module as its module.yaml describes it. */
export interface DescribedParameter {
  readonly name: string;
  readonly description: string | null;
  readonly required: boolean;
  readonly default: string | null;
}

/**
 * The parameters that the `module.yaml` beside a module describes, or undefined where there is none. They are a mapping
 * of names, or a list with `name`; `required: true` or `optional: false` says that one must be given.
 * @throws MillraceError `config.invalid`
 */
export async function describedParameters(
  moduleFile: string,
): Promise<readonly DescribedParameter[] | undefined> {
  const file = join(dirname(moduleFile), "module.yaml");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const content: unknown = parse(text);
    const given = isMapping(content) ? (content.parameters ?? content.params) : undefined;
    const list = Array.isArray(given)
      ? given.map((each: unknown): [unknown, unknown] => [isMapping(each) ? each.name : each, each])
      : Object.entries(isMapping(given) ? given : {});
    return list.map(([name, about]) => parameterOf(String(name), about));
  } catch (error) {
    throw new MillraceError("config.invalid", `the module's description is no YAML: ${messageOf(error)}`, {
      where: { file },
      hint: "mend it, or move it away",
      cause: error,
    });
  }
}

function parameterOf(name: string, about: unknown): DescribedParameter {
  const known = isMapping(about) ? about : { description: about === name ? undefined : about };
  return {
    name,
    description: textOf(known.description),
    required: known.required === true || known.optional === false,
    default: textOf(known.default),
  };
}

function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
