import { MillraceError } from "../../errors.ts";
import {
  formatName,
  type ModuleName,
  type ModulePackage,
  ModuleStore,
  packageBeside,
  parseName,
  readModuleFile,
  readPackage,
} from "../../modules/index.ts";
import { moduleFolderOf } from "../module-folder.ts";
import type { Outcome } from "../outcome.ts";
import { formatBytes } from "../output/index.ts";
import type { Session } from "../session.ts";
import { type ModuleOptions, type StoredModuleResult, storedModuleResult } from "./stored-module.ts";

export interface CreateOptions extends ModuleOptions {
  readonly wasmFile: string;
  readonly package?: string;
  readonly replace?: boolean;
  readonly dryRun?: boolean;
}

/** What `module create --json` gives. */
interface CreateResult {
  readonly folder: string;
  /** False after --dry-run. */
  readonly created: boolean;
  readonly module: StoredModuleResult;
}

/**
 * Puts a module into the store.
 * @param given its name; what its SmartModule.toml says where it is absent
 * @throws MillraceError `module.name`, `module.package`, `module.exists`, `module.store`, `cli.usage`, and what loading
 * it throws
 */
export async function createModule(
  given: string | undefined,
  options: CreateOptions,
  { stdout, world }: Session,
): Promise<Outcome<CreateResult>> {
  const { wasmFile, package: packageFile, replace, dryRun = false } = options;
  const store = new ModuleStore(moduleFolderOf(options.modules, world.environment));
  const bytes = await readModuleFile(wasmFile);
  const about = packageFile === undefined ? await packageBeside(wasmFile) : await readPackage(packageFile);
  const name = nameOf(given, about);
  const stored = await store.create(name, bytes, { package: about, replace, dryRun, nowMs: Date.now() });
  const what = `${formatName(name)}, a ${stored.kind} of the ${stored.abi} ABI, ${formatBytes(stored.bytes)}`;
  const summary = dryRun ? `would create ${what}` : `created ${what}`;
  const { green, glyphs } = stdout.style;
  return {
    summary,
    result: { folder: store.folder, created: !dryRun, module: storedModuleResult(stored) },
    text: `${green(glyphs.done)} ${summary}`,
  };
}

/** The name that is given goes before; what it leaves open of a package's name, the package says. */
function nameOf(given: string | undefined, about: ModulePackage | undefined): ModuleName {
  if (given === undefined) {
    if (about !== undefined) return about.name;
    throw new MillraceError("cli.usage", "the module needs a name", {
      hint: "write `millrace module create NAME --wasm-file …`, or name its SmartModule.toml with --package",
    });
  }
  const name = parseName(given);
  const isOfPackage = about !== undefined && name.name === about.name.name;
  const isOfItsGroup = name.group === undefined || name.group === about?.name.group;
  if (!isOfPackage || !isOfItsGroup) return name;
  return { ...about.name, version: name.version ?? about.name.version };
}
