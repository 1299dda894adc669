import { nearMiss } from "../base/index.ts";
import { type GuestLimits, loadModule } from "../engine/index.ts";
import { MillraceError } from "../errors.ts";
import { limits } from "../limits.ts";
import { keyOf, type StoredEntry } from "./entry.ts";
import type { ModulePackage } from "./package-file.ts";
import { formatName, type ModuleName } from "./reference.ts";
import { compareVersions } from "./semantic-version.ts";
import { StoreFiles } from "./store-files.ts";

/** Where modules are kept when nothing names a folder. */
export const defaultModuleFolder = ".millrace-modules";

/** A module in a store, with the path of its bytes. */
export interface StoredModule extends Omit<StoredEntry, "file"> {
  readonly path: string;
}

/** What a list of a store has: modules, and what is damaged, each with its key. */
export interface StoreListing {
  readonly modules: readonly StoredModule[];
  readonly damaged: readonly { readonly key: string; readonly problem: MillraceError }[];
}

export interface CreateModuleOptions {
  readonly package?: ModulePackage | undefined;
  /** Take the place of a module of this name. */
  readonly replace?: boolean | undefined;
  /** Check all of it, and store nothing. */
  readonly dryRun?: boolean | undefined;
  readonly limits?: Partial<GuestLimits>;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/**
 * Modules by their names, in a folder. What a call has stored is there after a crash, whole or not at all, and any number
 * of processes can use a store at once.
 */
export class ModuleStore {
  readonly #files: StoreFiles;

  constructor(folder: string) {
    this.#files = new StoreFiles(folder);
  }

  get folder(): string {
    return this.#files.folder;
  }

  /** In the order of their names, and of their versions. @throws MillraceError `module.store` */
  async list(): Promise<StoreListing> {
    const modules: StoredModule[] = [];
    const damaged: { key: string; problem: MillraceError }[] = [];
    for (const key of await this.#files.keys()) {
      try {
        const entry = await this.#files.read(key);
        if (entry !== undefined) modules.push(await this.#stored(entry));
      } catch (error) {
        if (!MillraceError.is(error)) throw error;
        damaged.push({ key, problem: error });
      }
    }
    return { modules: modules.toSorted(byName), damaged };
  }

  /**
   * The module that a name means: without a version the latest, without a group the one without, or else that of the only
   * group that has it.
   * @throws MillraceError `module.not-found`, with a near miss; `module.name` where several groups have it; `module.store`
   */
  async find(wanted: ModuleName): Promise<StoredModule> {
    const entries = await this.#like(wanted);
    const exact = entries.find(({ name }) => formatName(name) === formatName(wanted));
    if (exact !== undefined) return this.#stored(exact);
    const own = entries.filter(({ name }) => name.group === wanted.group);
    const candidates = own.length > 0 || wanted.group !== undefined ? own : entries;
    const groups = [...new Set(candidates.map(({ name }) => name.group))];
    if (groups.length > 1) {
      const names = groups.map((group) => formatName({ ...wanted, group }));
      throw new MillraceError(
        "module.name",
        `"${formatName(wanted)}" is in several groups: ${names.join(", ")}`,
        {
          hint: "name one of them",
        },
      );
    }
    const latest = candidates.toSorted(byName).at(-1);
    if (latest === undefined) throw await this.#notFound(wanted);
    return this.#stored(latest);
  }

  /**
   * Stores a module that can be run here.
   * @throws MillraceError what `loadModule` throws; `module.exists`, `module.store`
   */
  async create(name: ModuleName, bytes: Uint8Array, options: CreateModuleOptions): Promise<StoredModule> {
    const { package: about, replace = false, dryRun = false, nowMs } = options;
    const module = await loadModule(bytes, formatName(name), options.limits);
    const { abi } = module;
    const key = keyOf(name);
    const before = await this.#files.read(key).catch((error: unknown) => {
      // What is damaged can be replaced.
      if (replace && MillraceError.is(error)) return undefined;
      throw error;
    });
    const isOther = before !== undefined && formatName(before.name) !== formatName(name);
    if (before !== undefined && (!replace || isOther)) throw exists(name, before);
    await this.#checkCount();
    const entry = {
      name,
      file: "",
      sha256: await module.sha256(),
      bytes: bytes.length,
      kind: abi.kind,
      abi: abi.name,
      description: about?.description ?? null,
      license: about?.license ?? null,
      parameters: about?.parameters ?? null,
      created: new Date(nowMs).toISOString(),
    };
    if (dryRun) return { ...entry, path: "" };
    const file = await this.#files.writeBytes(key, bytes);
    const placed = { ...entry, file };
    let isThere = false;
    try {
      isThere = await this.#files.putEntry(key, placed, replace);
    } finally {
      if (!isThere) await this.#files.dropBytes(file);
    }
    if (!isThere) throw exists(name, await this.#files.read(key));
    if (before !== undefined) await this.#files.dropBytes(before.file);
    await this.#files.sweep(nowMs);
    return this.#stored(placed);
  }

  /**
   * Takes a module away; its name has to be the whole name, with the group and the version that it has.
   * @throws MillraceError `module.not-found`, `module.store`
   */
  async delete(name: ModuleName): Promise<void> {
    const key = keyOf(name);
    const entry = await this.#files.read(key).catch((error: unknown) => {
      if (MillraceError.is(error)) return "damaged" as const;
      throw error;
    });
    const isIt = entry === "damaged" || (entry !== undefined && formatName(entry.name) === formatName(name));
    if (!isIt) {
      const others = (await this.#like(name)).toSorted(byName).map((each) => formatName(each.name));
      if (others.length === 0) throw await this.#notFound(name);
      throw new MillraceError("module.not-found", `"${formatName(name)}" is not the whole name of a module`, {
        hint: `there is ${others.join(", ")}`,
      });
    }
    if (!(await this.#files.dropEntry(key))) throw await this.#notFound(name);
    if (entry !== "damaged" && entry !== undefined) await this.#files.dropBytes(entry.file);
  }

  /** Entries with this name, in this group where it says one, of this version where it says one. */
  async #like({ group, name, version }: ModuleName): Promise<readonly StoredEntry[]> {
    const lower = name.toLowerCase();
    const found: StoredEntry[] = [];
    for (const key of await this.#files.keys()) {
      const [bare = ""] = (key.split("~").at(-1) ?? "").split("@");
      if (bare !== lower) continue;
      const entry = await this.#files.read(key);
      if (entry === undefined || entry.name.name !== name) continue;
      const isGroup = group === undefined || entry.name.group === group;
      if (isGroup && (version === undefined || entry.name.version === version)) found.push(entry);
    }
    return found;
  }

  async #stored({ file, ...entry }: StoredEntry): Promise<StoredModule> {
    return { ...entry, path: await this.#files.bytesPath({ ...entry, file }) };
  }

  async #checkCount(): Promise<void> {
    const most = limits.storedModulesMax.default;
    if ((await this.#files.keys()).length < most) return;
    throw new MillraceError("module.store", `the store of modules has ${most} modules, which is the limit`, {
      where: { file: this.folder },
      hint: "delete some, or use another folder",
    });
  }

  async #notFound(wanted: ModuleName): Promise<MillraceError> {
    const { modules } = await this.list();
    const names = modules.flatMap(({ name }) => [
      formatName(name),
      formatName({ ...name, version: undefined }),
      ...(wanted.group === undefined ? [name.name] : []),
    ]);
    const near = nearMiss(formatName(wanted), names);
    const known = near === undefined ? "" : `did you mean ${near}? `;
    return new MillraceError("module.not-found", `there is no module "${formatName(wanted)}" in the store`, {
      where: { file: this.folder },
      hint: `${known}\`millrace module list\` shows what there is, \`millrace module create\` adds one; a path begins with ./`,
    });
  }
}

function exists(name: ModuleName, before: StoredEntry | undefined): MillraceError {
  const other = before === undefined ? name : before.name;
  const isOther = formatName(other) !== formatName(name);
  const differs = isOther ? `, which differs from "${formatName(name)}" in nothing but its case` : "";
  return new MillraceError("module.exists", `there is a module "${formatName(other)}" already${differs}`, {
    hint: isOther ? "choose another name" : "say --replace to put this one in its place",
  });
}

function byName(left: Pick<StoredEntry, "name">, right: Pick<StoredEntry, "name">): number {
  const [a, b] = [left, right].map(({ name }) => formatName({ ...name, version: undefined }));
  if (a !== b) return (a ?? "") < (b ?? "") ? -1 : 1;
  const [older, newer] = [left.name.version, right.name.version];
  if (older === undefined || newer === undefined)
    return (older === undefined ? 0 : 1) - (newer === undefined ? 0 : 1);
  return compareVersions(older, newer) || (older < newer ? -1 : older > newer ? 1 : 0);
}
