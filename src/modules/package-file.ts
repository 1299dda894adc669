import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { MillraceError } from "../errors.ts";
import { limits } from "../limits.ts";
import { readFileAtMost } from "./bounded-read.ts";
import { type ModuleName, parseName } from "./reference.ts";

/** A parameter of a module as its description declares it. */
export interface DeclaredParameter {
  readonly name: string;
  readonly description: string | null;
  readonly required: boolean;
}

/** What a `SmartModule.toml` says of a module. */
export interface ModulePackage {
  readonly name: ModuleName;
  readonly description: string | null;
  readonly license: string | null;
  readonly parameters: readonly DeclaredParameter[];
}

const fileName = "SmartModule.toml";

/**
 * The `SmartModule.toml` beside a module; undefined where there is none, or it is about another one of several modules in
 * the folder.
 * @throws MillraceError `module.package`
 */
export async function packageBeside(moduleFile: string): Promise<ModulePackage | undefined> {
  const folder = dirname(moduleFile);
  let entries: readonly string[];
  try {
    entries = await readdir(folder);
  } catch {
    // Whoever reads the module says what is wrong.
    return undefined;
  }
  if (!entries.includes(fileName)) return undefined;
  const found = await readPackage(join(folder, fileName));
  const isAlone = entries.filter((entry) => /\.wasm$/i.test(entry)).length === 1;
  return isAlone || plain(found.name.name) === plain(basename(moduleFile).replace(/\.wasm$/i, ""))
    ? found
    : undefined;
}

/** Cargo writes `_` into names of files where a package has `-`. */
function plain(name: string): string {
  return name.replaceAll("_", "-").toLowerCase();
}

/** @throws MillraceError `module.package` */
export async function readPackage(file: string): Promise<ModulePackage> {
  // Loaded late: who names a module by its file needs no description of it.
  const { parse, TomlError } = await import("smol-toml");
  const most = limits.configBytesMax.default;
  const bytes = await readFileAtMost(file, most).catch((cause: unknown) => {
    throw packageError(file, "it cannot be read", cause);
  });
  if (bytes === undefined) throw packageError(file, `it is larger than ${most} bytes`);
  try {
    return packageOf(parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)), file);
  } catch (cause) {
    if (cause instanceof TomlError) {
      const [problem = ""] = cause.message.replace(/^Invalid TOML document: /, "").split("\n");
      throw packageError(file, problem, cause, cause);
    }
    if (cause instanceof TypeError) throw packageError(file, "it is not UTF-8 text", cause);
    throw cause;
  }
}

function packageOf(content: unknown, file: string): ModulePackage {
  const about = tableOf(tableOf(content)?.package);
  if (about === undefined) throw packageError(file, "it has no table [package]");
  const [group, name, version] = ["group", "name", "version"].map((key) => {
    const value = about[key];
    if (typeof value === "string" && value !== "") return value;
    throw packageError(file, `package.${key}: expected a text`);
  });
  let parsed: ModuleName;
  try {
    parsed = parseName(`${group}/${name}@${version}`);
  } catch (cause) {
    if (MillraceError.is(cause)) throw packageError(file, cause.message, cause);
    throw cause;
  }
  return {
    name: parsed,
    description: textOf(about.description),
    license: textOf(about.license),
    parameters: parametersOf(tableOf(content) ?? {}, file),
  };
}

/** `[[params]]` with a name each; before 2023 a table `[params.NAME]`, and before that `[init]`. */
function parametersOf(
  content: Readonly<Record<string, unknown>>,
  file: string,
): readonly DeclaredParameter[] {
  const given = content.params ?? content.init ?? [];
  const pairs: readonly (readonly [unknown, unknown])[] = Array.isArray(given)
    ? given.map((each: unknown) => [tableOf(each)?.name, each] as const)
    : Object.entries(tableOf(given) ?? {});
  const names = new Set<string>();
  return pairs.map(([name, about]) => {
    if (typeof name !== "string" || name === "") throw packageError(file, "params: each needs a name");
    if (names.has(name)) throw packageError(file, `params: ${JSON.stringify(name)} is declared twice`);
    names.add(name);
    const known = tableOf(about);
    return { name, description: textOf(known?.description), required: known?.optional !== true };
  });
}

function tableOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isTable = typeof value === "object" && value !== null && !Array.isArray(value);
  return isTable ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function packageError(
  file: string,
  problem: string,
  cause?: unknown,
  place: { readonly line?: number; readonly column?: number } = {},
): MillraceError {
  return new MillraceError("module.package", `the description of the module is wrong: ${problem}`, {
    where: { file, line: place.line, column: place.column },
    hint: "a SmartModule.toml has [package] with name, group and version, and [[params]] with a name each",
    cause,
  });
}
