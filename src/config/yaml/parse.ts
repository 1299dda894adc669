import { Composer, type CST, LineCounter, Parser, type YAMLError } from "yaml";
import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Report } from "../report.ts";
import { excerptOf } from "./excerpt.ts";
import type { ConfigNode, Place } from "./node.ts";
import { plainText } from "./plain-text.ts";
import { TreeBuilder } from "./tree-builder.ts";

/**
 * Reads one YAML document, with the scalars of YAML 1.2, as which Fluvio reads its configs too: `yes` and `2024-01-01`
 * are texts. Duplicate keys are reported as problems, tags and directives that mean nothing here as warnings.
 *
 * @param file the config, as the user named it
 * @returns undefined for a document that holds nothing
 * @throws MillraceError `config.syntax`
 */
export function parseYaml(text: string, file: string, report: Report): ConfigNode | undefined {
  const lineCounter = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: col };
  };
  const syntaxError = (offset: number, problem: string, hint?: string): MillraceError => {
    // What is missing at the end is shown where the text ends, not on an empty line after it.
    const isAtEnd = text.slice(offset).trim() === "";
    const place = placeAt(isAtEnd ? text.trimEnd().length : offset);
    const line = text.split("\n")[place.line - 1] ?? "";
    const isTemplate = /\{[^"']*\$\{\{/.test(line);
    return new MillraceError("config.syntax", `${plainText(problem)}\n${excerptOf(text, place)}`, {
      where: { file, line: place.line, column: place.column },
      hint:
        (isTemplate ? "between `{` and `}`, a text with `${{` in it needs quotes around it" : hint) ??
        "mend the text at the mark; indentation, a missing quote or a missing blank after `:` are the usual causes",
    });
  };

  const tokens = [...new Parser(lineCounter.addNewLine).parse(text)];
  const deepest = tooDeep(tokens, limits.jsonDepthMax.default);
  if (deepest !== undefined) {
    const levels = limits.jsonDepthMax.default;
    throw syntaxError(deepest, `lists and mappings are nested more than ${levels} levels deep`);
  }

  const composer = new Composer({
    intAsBigInt: true,
    logLevel: "silent",
    prettyErrors: false,
    resolveKnownTags: false,
    schema: "core",
    stringKeys: true,
    uniqueKeys: false,
  });
  const [document, second] = [...composer.compose(tokens, true, text.length)];
  const [error] = [...(document?.errors ?? []), ...(second?.errors ?? [])];
  if (error !== undefined) throw syntaxError(error.pos[0], problemOf(error), hintOf(error));
  if (second !== undefined) {
    const offset = second.contents?.range[0] ?? second.range[0];
    throw syntaxError(offset, "a second document begins before this", "keep one config in one file");
  }
  if (document === undefined || document.contents === null) return undefined;
  for (const warning of document.warnings)
    report.warn(placeAt(warning.pos[0]), `${plainText(warning.message)}; ignored`);
  return new TreeBuilder({ placeAt, syntaxError, report }).build(document.contents);
}

/** What the YAML library calls by the names of its own options, in plain words. */
function problemOf({ code, message }: YAMLError): string {
  if (code === "NON_STRING_KEY") return "a key is not a plain text";
  return `not well-formed YAML: ${message}`;
}

function hintOf({ code }: YAMLError): string | undefined {
  switch (code) {
    case "BLOCK_AS_IMPLICIT_KEY":
      return 'a text that holds ": " needs quotes around it';
    case "TAB_AS_INDENT":
      return "indent with spaces";
    case "BAD_SCALAR_START":
      return "a text that begins with this character needs quotes around it";
    default:
      return undefined;
  }
}

/**
 * Where a token is nested deeper than `levelsMax`, or undefined. Checked on the tokens, in a loop, because the steps
 * after this one call themselves for each level, and running out of stack there can end the process.
 */
function tooDeep(tokens: readonly CST.Token[], levelsMax: number): number | undefined {
  const open: { token: CST.Token; level: number }[] = tokens.map((token) => ({ token, level: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, level } = next;
    if (token.type === "document" && token.value) open.push({ token: token.value, level });
    if (!("items" in token)) continue;
    if (level === levelsMax) return token.offset;
    for (const item of token.items) {
      for (const inner of [item.key, item.value]) if (inner) open.push({ token: inner, level: level + 1 });
    }
  }
  return undefined;
}
