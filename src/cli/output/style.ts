import picocolors from "picocolors";

/** Signs in front of messages. */
export interface Glyphs {
  readonly done: string;
  readonly warning: string;
  readonly failed: string;
  readonly hint: string;
  readonly cut: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

type Paint = (text: string) => string;

/** How texts look on one stream. */
export interface Style {
  readonly glyphs: Glyphs;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
}

const unicodeGlyphs: Glyphs = { done: "✓", warning: "⚠", failed: "✗", hint: "→", cut: "…" };
const asciiGlyphs: Glyphs = { done: "+", warning: "!", failed: "x", hint: "->", cut: "~" };

/**
 * Style for a stream: coloured on terminals that do not ask for plain text, with ASCII signs where UTF-8 may not be
 * shown.
 */
export function styleFor(
  isTerminal: boolean,
  environment: Environment,
  platform: string = process.platform,
): Style {
  const { NO_COLOR = "", TERM } = environment;
  const plain = NO_COLOR !== "" || TERM === "dumb";
  const { bold, dim, red, green, yellow } = picocolors.createColors(isTerminal && !plain);
  const glyphs = showsUnicode(environment, platform) ? unicodeGlyphs : asciiGlyphs;
  return { glyphs, bold, dim, red, green, yellow };
}

function showsUnicode(environment: Environment, platform: string): boolean {
  const { TERM, WT_SESSION, TERM_PROGRAM, LC_ALL, LC_CTYPE, LANG } = environment;
  // The console of Linux itself has a font without these signs.
  if (TERM === "linux") return false;
  if (platform === "win32") return WT_SESSION !== undefined || TERM_PROGRAM === "vscode";
  // The first of them that is set and not empty decides, as in the C library.
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "");
}
