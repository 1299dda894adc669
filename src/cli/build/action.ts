import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type BuiltKind, buildModule } from "../../devkit/index.ts";
import { MillraceError } from "../../errors.ts";
import type { Outcome } from "../outcome.ts";
import { formatBytes, printable, warningLines } from "../output/index.ts";
import type { Session } from "../session.ts";
import type { BuildCommandOptions } from "./options.ts";

/** What `build --json` gives. */
export interface BuildResult {
  readonly source: string;
  /** The file that was written, as it was named. */
  readonly output: string;
  readonly kind: BuiltKind;
  readonly bytes: number;
  readonly sha256: string;
  /** What the compiler remarked, each with its place in front. */
  readonly warnings: readonly string[];
}

/**
 * Builds a module and writes it beside its source, or where it is to go.
 * @throws MillraceError `module.source`, `module.not-found`, `module.compiler`, `file.unwritable`, `cli.usage`
 */
export async function buildSource(
  source: string,
  options: BuildCommandOptions,
  { screen, stderr, stdout }: Session,
): Promise<Outcome<BuildResult>> {
  const output = options.output ?? (await usualOutput(source));
  if (resolve(output) === resolve(source)) {
    throw new MillraceError("cli.usage", `the module would be written over its source ${source}`, {
      hint: "give another file with --output",
    });
  }
  const { wasm, kind, sha256, warnings } = await buildModule({ source, output });
  for (const message of warnings) screen.print(warningLines({ message }, stderr.style).join("\n"));
  const { dim, glyphs, green } = stdout.style;
  const summary = `${output}: ${/^a/.test(kind) ? "an" : "a"} ${kind} of ${formatBytes(wasm.length)}`;
  return {
    summary,
    result: { source, output, kind, bytes: wasm.length, sha256, warnings },
    text: `${green(glyphs.done)} ${printable(summary)}\n${dim(`  sha256 ${sha256}`)}`,
  };
}

/** A source `filter.ts` becomes `filter.wasm` beside it, a folder `filter` becomes `filter.wasm` inside it. */
async function usualOutput(source: string): Promise<string> {
  const found = await stat(source).catch(() => undefined);
  if (found?.isDirectory() === true) return join(source, `${basename(resolve(source))}.wasm`);
  return `${source.replace(/\.ts$/, "")}.wasm`;
}
