import { basename } from "node:path";
import { readParametersFile } from "../../config/index.ts";
import { baselineContender, type Contender, readBaseline } from "../../devkit/index.ts";
import { MillraceError } from "../../errors.ts";
import { readCalledModule } from "../read-module.ts";
import { pairOf } from "../usage.ts";
import type { BenchOptions } from "./options.ts";

/**
 * What the words of the command line want to have measured, with the baseline first.
 * @throws MillraceError `cli.usage`, `module.not-found`, `file.not-found`, `bench.baseline`, `config.not-found`, `config.syntax`,
 * `config.invalid`
 */
export async function contendersOf(
  files: readonly string[],
  options: BenchOptions,
  folder: string,
): Promise<readonly [Contender, ...Contender[]]> {
  const { params = [], fuel = [], baseline } = options;
  const all = eachOfThem(files, Math.max(params.length, fuel.length));
  checkCount("--params", params.length, all.length);
  checkCount("--fuel", fuel.length, all.length);
  const given = new Map((options.with ?? []).map((text) => pairOf("--with", text)));
  const settings = await Promise.all(params.map(readParametersFile));
  const contenders: Contender[] = [];
  if (baseline !== undefined) contenders.push(baselineContender(baseline, await readBaseline(baseline)));
  for (const [index, file] of all.entries()) {
    const own = settings.length > 1 ? settings[index] : settings[0];
    const parameters = new Map([...(own ?? []), ...given]);
    const { bytes, ...found } = await readCalledModule(file, folder);
    contenders.push({
      name: nameOf(file, index, all, options),
      file: found.file,
      bytes,
      parameters,
      fuel: (fuel.length > 1 ? fuel[index] : fuel[0]) !== "off",
    });
  }
  const [first, ...others] = contenders;
  if (first === undefined) throw new MillraceError("cli.usage", "there is no module to measure");
  if (options.compare === true && others.length === 0) {
    throw new MillraceError("cli.usage", "--compare has only one module", {
      hint: "give a second module, or two --params or --fuel of the one",
    });
  }
  return [first, ...others];
}

/** One module with several settings stands for itself with each of them. */
function eachOfThem(files: readonly string[], settings: number): readonly string[] {
  const [only] = files;
  return files.length === 1 && only !== undefined && settings > 1
    ? Array.from({ length: settings }, () => only)
    : files;
}

function checkCount(option: string, count: number, modules: number): void {
  if (count <= 1 || count === modules) return;
  throw new MillraceError("cli.usage", `${option} is given ${count} times for ${modules} modules`, {
    hint: "give it once for all of them, or once for each",
  });
}

/** The file's name, with what tells it from others of the same name. */
function nameOf(
  file: string,
  index: number,
  all: readonly string[],
  { params = [], fuel = [] }: BenchOptions,
): string {
  const name = basename(file);
  const same = all.filter((other) => basename(other) === name);
  if (same.length < 2) return name;
  if (new Set(same).size === same.length) return file;
  const own = [
    ...(params.length > 1 ? [basename(params[index] ?? "")] : []),
    ...(fuel.length > 1 ? [`fuel ${fuel[index]}`] : []),
  ];
  return `${name} (${own.length > 0 ? own.join(", ") : `no. ${index + 1}`})`;
}
