import { readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { MillraceError, messageOf } from "../errors.ts";
import { type Asc, type AscDiagnostic, loadCompiler } from "./compiler.ts";
import { entrySource } from "./entry-source.ts";
import { type BuiltKind, type SourceShape, shapeOf } from "./source-shape.ts";
import { placeIn } from "./source-text.ts";

export interface BuildOptions {
  /** The module's source: a file, or a folder with an `index.ts`. */
  readonly source: string;
  /** Where the module is written; it is only returned when this is left out. */
  readonly output?: string | undefined;
  /** Keeps the names of functions, which traps then show. They cost some bytes of the file and nothing at run time. */
  readonly names?: boolean | undefined;
}

export interface BuiltModule {
  readonly wasm: Uint8Array;
  /** Of the module's bytes, in hexadecimal. */
  readonly sha256: string;
  readonly kind: BuiltKind;
  /** What the compiler remarked, as `file:line:column: text`. */
  readonly warnings: readonly string[];
}

/** What authors import the SDK by. */
const sdkName = "millrace/assemblyscript";
const sdkFolder = fileURLToPath(new URL("../../smartmodules/assemblyscript/sdk/", import.meta.url));

/**
 * A name for the compiler's search path that is no folder: what it looks for there is answered with files of the SDK.
 */
const sdkSearch = "millrace-sdk";
const entryFile = "millrace-entry.ts";
const errorCategory = 3;

/**
 * Builds a SmartModule from AssemblyScript. The result depends on the sources and the version of the compiler only,
 * not on where they lie.
 * @throws MillraceError `module.source` for sources that do not build, `module.not-found`, `module.compiler`,
 * `file.unwritable`
 */
export async function buildModule(options: BuildOptions): Promise<BuiltModule> {
  const file = await sourceFile(options.source);
  const text = await readSource(file);
  const asc = await loadCompiler();
  const shape = shapeOf(asc.syntax, text, file);
  const { wasm, warnings } = await compile(asc, file, shape, options.names ?? true);
  if (options.output !== undefined) await write(options.output, wasm);
  // Loaded late: it takes long, and who only tries a module does not build one.
  const { createHash } = await import("node:crypto");
  return { wasm, warnings, kind: shape.kind, sha256: createHash("sha256").update(wasm).digest("hex") };
}

async function sourceFile(source: string): Promise<string> {
  const found = await stat(source).catch(() => undefined);
  return found?.isDirectory() ? join(source, "index.ts") : source;
}

async function readSource(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new MillraceError("module.not-found", `the source cannot be read: ${messageOf(error)}`, {
      where: { file },
      hint: "the source of a module is a .ts file, or a folder with an index.ts",
      cause: error,
    });
  }
}

async function compile(
  asc: Asc,
  file: string,
  shape: SourceShape,
  names: boolean,
): Promise<{ wasm: Uint8Array; warnings: string[] }> {
  const folder = resolve(dirname(file));
  const entry = entrySource(shape, basename(file).replace(/\.ts$/, ""), sdkName);
  const texts = new Map<string, string>();
  const diagnostics: AscDiagnostic[] = [];
  let wasm: Uint8Array | undefined;
  const args = [
    entryFile,
    ...["--baseDir", folder],
    ...["--outFile", "module.wasm"],
    "-O3",
    ...["--enable", "simd"],
    ...["--runtime", "minimal"],
    ...["--lib", sdkSearch],
    // A module has no imports, so what the compiler would import for failures is given to it.
    ...["--use", `abort=~lib/${sdkName}/abi/abort/abort`],
    ...["--use", "MILLRACE_HEAP_BYTES=~lib/rt/tcms/total"],
    ...(names ? ["--debug"] : []),
  ];
  const { error, stderr } = await asc.compiler.main(args, {
    async readFile(path, baseFolder) {
      // Settings of some other build that lie beside the source would change the module unseen.
      if (basename(path) === "asconfig.json") return null;
      const found = await findText(path, baseFolder, entry);
      if (found !== null) texts.set(baseFolder === sdkSearch ? `~lib/${path}` : path, found);
      return found;
    },
    writeFile(_path, contents) {
      if (typeof contents !== "string") wasm = contents;
    },
    listFiles: () => [],
    reportDiagnostic: (diagnostic) => diagnostics.push(diagnostic),
  });
  const describe = (diagnostic: AscDiagnostic): Place => placeOf(diagnostic, texts, file);
  const errors = diagnostics.filter(({ category }) => category === errorCategory);
  if (error !== null || wasm === undefined) {
    throw sourceError(errors, describe, shape, error === null ? stderr.toString() : messageOf(error));
  }
  const warnings = diagnostics
    .filter(({ category }) => category < errorCategory)
    .map((diagnostic) => {
      const place = describe(diagnostic);
      return `${place.file}:${place.line}:${place.column}: ${diagnostic.message}`;
    });
  return { wasm, warnings };
}

async function findText(path: string, baseFolder: string, entry: string): Promise<string | null> {
  if (baseFolder === sdkSearch) {
    if (!path.startsWith(`${sdkName}/`)) return null;
    return readText(join(sdkFolder, path.slice(sdkName.length + 1)));
  }
  return path === entryFile ? entry : readText(isAbsolute(path) ? path : join(baseFolder, path));
}

function readText(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch(() => null);
}

interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** The place that a diagnostic is about, with the file named the way the caller named the source. */
function placeOf({ range }: AscDiagnostic, texts: ReadonlyMap<string, string>, file: string): Place {
  if (range === null) return { file };
  const path = range.source.normalizedPath;
  const text = texts.get(path);
  if (path === entryFile) return { file };
  const place = text === undefined ? {} : placeIn(text, range.start);
  return { file: path.startsWith("~lib/") ? path : relative("", resolve(dirname(file), path)), ...place };
}

function sourceError(
  errors: readonly AscDiagnostic[],
  describe: (diagnostic: AscDiagnostic) => Place,
  shape: SourceShape,
  otherwise: string,
): MillraceError {
  const [first] = errors;
  if (first === undefined) {
    return new MillraceError("module.source", `the compiler failed: ${otherwise}`, {
      hint: "this is a fault of the compiler or of this build; a smaller source that shows it helps to find it",
    });
  }
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  const isOurs = first.range?.source.normalizedPath === entryFile;
  return new MillraceError("module.source", `${first.message}${more}`, {
    where: describe(first),
    hint: isOurs
      ? `the build calls ${shape.kind} with one Record and init with one Parameters, both imported from "${sdkName}"`
      : `the SDK is imported from "${sdkName}"; AssemblyScript is stricter than TypeScript, see https://www.assemblyscript.org`,
  });
}

async function write(output: string, wasm: Uint8Array): Promise<void> {
  try {
    await writeFile(output, wasm);
  } catch (error) {
    throw new MillraceError("file.unwritable", `the module cannot be written: ${messageOf(error)}`, {
      where: { file: output },
      cause: error,
    });
  }
}
