import { refuse } from "../parameters/refusal";
import { Slice } from "../text/slice";
import { Automaton } from "./automaton";
import { GlobReader } from "./glob-reader";
import { nodeEmpty, PatternNode } from "./node";
import { Program, stepsMax } from "./program";
import { RegexReader } from "./regex-reader";
import { PatternScanner } from "./scanner";

/** A pattern that is compiled once, in `init`, and fits texts in time that is in proportion to their length, whatever it is. */
export abstract class Pattern {
  private automaton: Automaton;

  protected constructor(node: PatternNode, scanner: PatternScanner) {
    const program = new Program(scanner.problem.length > 0 ? new PatternNode(nodeEmpty) : node);
    if (scanner.problem.length == 0 && program.isTooLarge) {
      scanner.problem = `it has more than ${stepsMax} steps, which repetitions in braces multiply`;
    }
    if (scanner.problem.length > 0) refuse(`the pattern \`${scanner.text}\` cannot be read: ${scanner.problem}`);
    this.automaton = new Automaton(program);
  }

  /** Whether the pattern fits the text. */
  fits(text: Slice): boolean {
    return this.automaton.matches(text.at, text.length);
  }
}

/**
 * A regular expression, which fits a text when it fits a part of it; `^` and `$` tie it to the start and the end of the text.
 *
 * There are characters, `.` (all but the line feed), sets such as `[a-z_]` and `[^,]`, the classes `\d \w \s \D \W \S` and edges of words
 * `\b \B` of ASCII, groups, `|`, and the repetitions `* + ? {3} {3,} {3,5}`, also with a `?` behind them. Escapes are `\n \r \t \f \v
 * \x41 \u00e9 \u{1f600}` and a backslash before any sign. `(?i)` in front ignores case. There are no references to groups and no looking
 * around, which cannot be had in bounded time. A `{` without a digit behind it stands for itself.
 *
 * A character is one of UTF-8; bytes that are none fit nothing.
 */
export class Regex extends Pattern {
  /** A pattern that cannot be read, or is too large, makes the module refuse its parameters. Ignored is the case of ASCII. */
  constructor(pattern: string, isIgnoringCase: boolean = false) {
    const scanner = new PatternScanner(pattern);
    super(new RegexReader(scanner, isIgnoringCase).read(), scanner);
  }
}

/**
 * A pattern that fits a text from end to end: `*` stands for anything, also for nothing, `?` for one character, `[a-z]` for one of a set,
 * `[!a-z]` for one that is not of it, `{error,warn*}` for one of several patterns, and a backslash takes its meaning from the sign after it.
 */
export class Glob extends Pattern {
  /** A pattern that cannot be read, or is too large, makes the module refuse its parameters. Ignored is the case of ASCII. */
  constructor(pattern: string, isIgnoringCase: boolean = false) {
    const scanner = new PatternScanner(pattern);
    super(new GlobReader(scanner, isIgnoringCase).read(), scanner);
  }
}
