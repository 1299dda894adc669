import { ModuleStore } from "../../modules/index.ts";
import { moduleFolderOf } from "../module-folder.ts";
import type { Outcome } from "../outcome.ts";
import {
  type Column,
  formatBytes,
  plural,
  printable,
  type Style,
  tableLines,
  warningLines,
} from "../output/index.ts";
import type { Session } from "../session.ts";
import { type ModuleOptions, type StoredModuleResult, storedModuleResult } from "./stored-module.ts";

/** What `module list --json` gives. */
interface ModuleListResult {
  readonly folder: string;
  readonly modules: readonly StoredModuleResult[];
  /** What cannot be read: the name that `module delete` takes. */
  readonly damaged: readonly string[];
}

const columns: readonly Column[] = [
  { header: "name", align: "left" },
  { header: "kind", align: "left" },
  { header: "ABI", align: "left" },
  { header: "size", align: "right" },
  { header: "sha256", align: "left" },
  { header: "description", align: "left" },
];

/** @throws MillraceError `module.store` */
export async function listModules(
  options: ModuleOptions,
  { stdout, stderr, screen, world }: Session,
): Promise<Outcome<ModuleListResult>> {
  const store = new ModuleStore(moduleFolderOf(options.modules, world.environment));
  const { modules: stored, damaged: broken } = await store.list();
  for (const { problem } of broken) screen.print(warningLines(problem, stderr.style).join("\n"));
  const modules = stored.map(storedModuleResult);
  const damaged = broken.map(({ key }) => key.replace("~", "/"));
  return {
    summary: `${plural(modules.length, "module")} in ${store.folder}`,
    result: { folder: store.folder, modules, damaged },
    text:
      modules.length === 0 ? `no modules in ${printable(store.folder)}` : moduleTable(modules, stdout.style),
  };
}

function moduleTable(modules: readonly StoredModuleResult[], style: Style): string {
  const [header = "", ...lines] = tableLines(
    columns,
    modules.map(({ reference, kind, abi, bytes, sha256, description }) => [
      reference,
      kind,
      abi,
      formatBytes(bytes),
      sha256.slice(0, 12),
      (description ?? "").replaceAll(/\s+/g, " "),
    ]),
  );
  return [style.bold(header), ...lines.map((line) => printable(line).trimEnd())].join("\n");
}
