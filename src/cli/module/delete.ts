import { MillraceError } from "../../errors.ts";
import { ModuleStore, parseName } from "../../modules/index.ts";
import { moduleFolderOf } from "../module-folder.ts";
import type { Outcome } from "../outcome.ts";
import { plural } from "../output/index.ts";
import type { Session } from "../session.ts";
import type { ModuleOptions } from "./stored-module.ts";

/** What `module delete --json` gives. */
interface ModuleDeleteResult {
  readonly folder: string;
  readonly deleted: readonly string[];
}

/**
 * Takes modules out of the store; those that can be are also taken where others cannot.
 * @throws MillraceError `module.name`
 */
export async function deleteModules(
  names: readonly string[],
  options: ModuleOptions,
  { stdout, world }: Session,
): Promise<Outcome<ModuleDeleteResult>> {
  const store = new ModuleStore(moduleFolderOf(options.modules, world.environment));
  const wanted = names.map((name) => ({ name, parsed: parseName(name) }));
  const deleted: string[] = [];
  const problems: MillraceError[] = [];
  for (const { name, parsed } of wanted) {
    try {
      await store.delete(parsed);
      deleted.push(name);
    } catch (error) {
      if (!MillraceError.is(error)) throw error;
      problems.push(error);
    }
  }
  const summary = deleted.length === 0 ? "nothing was deleted" : `deleted ${deleted.join(", ")}`;
  const { green, glyphs } = stdout.style;
  return {
    summary,
    result: { folder: store.folder, deleted },
    text: deleted.length === 0 ? undefined : `${green(glyphs.done)} ${summary}`,
    error: failureOf(problems),
  };
}

function failureOf(problems: readonly MillraceError[]): MillraceError | undefined {
  const [first, ...others] = problems;
  if (first === undefined || others.length === 0) return first;
  return new MillraceError(first.code, `${plural(problems.length, "module")} cannot be deleted`, {
    problems,
  });
}
