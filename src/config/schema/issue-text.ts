import type { z } from "zod";
import { nearMiss } from "../../base/index.ts";
import { type ConfigNode, describe } from "../yaml/node.ts";

type Issue = z.core.$ZodIssue;

/** What a schema is told to say where it has no words of its own, to tell its words from the library's. */
export const noWords = "\0";

/** What is wrong, in words: what was expected, what was found, and a near miss. */
export function textOfIssue(issue: Issue, found: ConfigNode | undefined): string {
  const expected = expectationOf(issue);
  if (found === undefined) return expected === undefined ? "missing" : `missing; expected ${expected}`;
  if (expected !== undefined)
    return `expected ${expected}, found ${describe(found)}${suggestionFor(issue, found)}`;
  return issue.message === noWords ? `${describe(found)} is not valid here` : issue.message;
}

/**
 * What would be right, to be read after "expected"; undefined where the schema says something else in its own words.
 */
function expectationOf(issue: Issue): string | undefined {
  if (issue.message !== noWords) return /^expected (.*)$/is.exec(issue.message)?.[1];
  switch (issue.code) {
    case "invalid_type":
      return typeWords.get(issue.expected) ?? `a value of the type ${issue.expected}`;
    case "invalid_value":
      return oneOf(issue.values);
    case "too_small":
    case "too_big":
      return boundWords(issue);
    case "invalid_format":
      return formatWords(issue);
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    case "invalid_union":
      return unionWords(issue);
    default:
      return undefined;
  }
}

const typeWords: ReadonlyMap<string, string> = new Map([
  ["string", "a text"],
  ["number", "a number"],
  ["int", "a whole number"],
  ["boolean", "true or false"],
  ["array", "a list"],
  ["object", "a mapping"],
  ["record", "a mapping"],
  ["null", "nothing"],
  ["undefined", "nothing"],
]);

const formatNames: ReadonlyMap<string, string> = new Map([
  ["url", "a URL"],
  ["datetime", "a date and time in ISO form"],
  ["email", "an e-mail address"],
]);

function oneOf(values: readonly unknown[]): string {
  const quoted = values.map((value) => (typeof value === "string" ? JSON.stringify(value) : String(value)));
  return quoted.length === 1 ? `${quoted[0]}` : `one of ${quoted.join(", ")}`;
}

function boundWords(issue: Extract<Issue, { code: "too_small" | "too_big" }>): string {
  const isLower = issue.code === "too_small";
  const bound = isLower ? issue.minimum : issue.maximum;
  const units = new Map([
    ["string", bound === 1 ? "character" : "characters"],
    ["array", bound === 1 ? "entry" : "entries"],
  ]);
  const unit = units.get(issue.origin);
  const edge =
    issue.inclusive === false ? (isLower ? "more than" : "less than") : isLower ? "at least" : "at most";
  if (issue.origin === "string" && isLower && bound === 1) return "a text that is not empty";
  if (unit === undefined) return `a number of ${edge} ${bound}`;
  return `${issue.origin === "string" ? "a text" : "a list"} of ${edge} ${bound} ${unit}`;
}

function formatWords(issue: Extract<Issue, { code: "invalid_format" }>): string {
  if (issue.format === "regex" && "pattern" in issue) return `a text that matches ${issue.pattern}`;
  if (issue.format === "starts_with" && "prefix" in issue) return `a text that begins with ${issue.prefix}`;
  return formatNames.get(issue.format) ?? `a text in the form ${issue.format}`;
}

function unionWords(issue: Extract<Issue, { code: "invalid_union" }>): string | undefined {
  if ("options" in issue && Array.isArray(issue.options)) return oneOf(issue.options);
  const expectations = issue.errors.map((option) => option.find(({ path }) => path.length === 0));
  const words = expectations.flatMap((each) => (each === undefined ? [] : (expectationOf(each) ?? [])));
  return words.length === 0 ? undefined : [...new Set(words)].join(" or ");
}

function suggestionFor(issue: Issue, found: ConfigNode): string {
  if (found.kind !== "scalar" || typeof found.value !== "string" || found.isSecret === true) return "";
  const near = nearMiss(found.value, wordsAllowedBy(issue));
  return near === undefined || near === found.value ? "" : `; did you mean ${JSON.stringify(near)}?`;
}

function wordsAllowedBy(issue: Issue): string[] {
  if (issue.code === "invalid_value") return issue.values.filter((value) => typeof value === "string");
  if (issue.code !== "invalid_union") return [];
  const options: readonly unknown[] = "options" in issue && Array.isArray(issue.options) ? issue.options : [];
  return [
    ...options.filter((value) => typeof value === "string"),
    ...issue.errors.flat().flatMap(wordsAllowedBy),
  ];
}
