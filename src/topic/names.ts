import { MillraceError } from "../errors.ts";
import { limits } from "../limits.ts";

const lengthMax = limits.topicNameCharactersMax.default;

/**
 * Topic names become names of folders, so they cannot say anything that a path could: no separators, no `..`, nothing
 * hidden.
 * @throws MillraceError `topic.name`
 */
export function checkTopicName(name: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name) && name.length <= lengthMax) return;
  const problem =
    name.length > lengthMax
      ? `the topic name has ${name.length} characters, the limit is ${lengthMax}`
      : `${JSON.stringify(name)} cannot be the name of a topic`;
  throw new MillraceError("topic.name", problem, {
    hint: "use letters, digits, `.`, `_` and `-`, beginning with a letter, a digit or `_`",
  });
}

/**
 * Names of pipelines and consumers are keys: any text will do that is not empty, not too long, and without the
 * character that ends a key.
 * @throws MillraceError `topic.name`
 */
export function checkHolderName(holder: "pipeline" | "consumer", name: string): void {
  if (name.length > 0 && name.length <= lengthMax && !name.includes("\0")) return;
  throw new MillraceError("topic.name", `a ${holder} cannot be called ${JSON.stringify(name.slice(0, 50))}`, {
    hint: `give the ${holder} a name of 1 to ${lengthMax} characters`,
  });
}
