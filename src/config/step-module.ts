import { basename, resolve } from "node:path";
import { nearMiss } from "../base/index.ts";
import { MillraceError } from "../errors.ts";
import {
  type DeclaredParameter,
  formatName,
  type ModuleStore,
  packageBeside,
  parseReference,
} from "../modules/index.ts";
import type { StepPlan } from "./plan.ts";
import type { Report } from "./report.ts";
import { formatPath, locate, locateKey, type MapNode, type Path } from "./yaml/node.ts";

/** The module of a step, and the parameters that it declares; undefined where it declares none. */
export type StepModule = Pick<StepPlan, "modulePath" | "moduleName" | "moduleVersion" | "sha256"> & {
  readonly declared: readonly DeclaredParameter[] | undefined;
};

interface Places {
  /** Where paths count from. */
  readonly folder: string;
  readonly store: ModuleStore;
}

/** The module that `uses` names: a file, or one in the store; undefined, and a problem in the report, where it is neither. */
export async function findModule(
  uses: string,
  { folder, store }: Places,
  root: MapNode,
  path: Path,
  report: Report,
): Promise<StepModule | undefined> {
  try {
    const reference = parseReference(uses);
    if ("path" in reference) {
      const modulePath = resolve(folder, reference.path);
      return {
        modulePath,
        moduleName: basename(modulePath),
        moduleVersion: undefined,
        sha256: reference.sha256,
        declared: await declaredBeside(modulePath, report),
      };
    }
    const { name, path: modulePath, sha256, parameters } = await store.find(reference.name);
    const moduleName = formatName({ ...name, version: undefined });
    if (reference.sha256 !== undefined && reference.sha256 !== sha256) {
      throw new MillraceError(
        "module.sha256",
        `${formatName(name)} is not the module that is asked for: its hash is ${sha256}, and ${reference.sha256} is wanted`,
        {
          hint: "look at what it is before you run it; then change the hash, or create the module that had it",
        },
      );
    }
    const declared = parameters ?? undefined;
    return { modulePath, moduleName, moduleVersion: name.version, sha256, declared };
  } catch (error) {
    if (!MillraceError.is(error)) throw error;
    const { place } = locate(root, [...path, "uses"]);
    report.error(place, `${formatPath([...path, "uses"])}: ${error.message}`, error.hint, error.code);
    return undefined;
  }
}

/** Fluvio looks at a description only when a module is published, so a wrong one keeps nobody from running it. */
async function declaredBeside(
  modulePath: string,
  report: Report,
): Promise<readonly DeclaredParameter[] | undefined> {
  try {
    return (await packageBeside(modulePath))?.parameters;
  } catch (error) {
    if (!MillraceError.is(error) || error.where === undefined) throw error;
    report.warnAt(error.where, `${error.message}; ignored`);
    return undefined;
  }
}

/**
 * Checks the `with` of a step against what its module declares: what it needs must be there. A name that it does not
 * declare is a warning, since Fluvio hands it over all the same.
 */
export function checkDeclared(
  { declared = [], moduleName }: StepModule,
  given: ReadonlyMap<string, string>,
  root: MapNode,
  path: Path,
  report: Report,
): void {
  if (declared.length === 0) return;
  const names = declared.map(({ name }) => name);
  const missing = declared.filter(({ name, required }) => required && !given.has(name));
  const strays = [...given.keys()].filter((name) => !names.includes(name));
  for (const { name, description } of missing) {
    const near = nearMiss(name, strays);
    const about = description === null ? "" : `: ${description}`;
    report.error(
      locate(root, [...path, "uses"]).place,
      `${formatPath([...path, "with"])}: ${moduleName} needs the parameter ${JSON.stringify(name)}${about}`,
      near === undefined ? `write \`with: { ${name}: … }\`` : `it is called ${name}, not ${near}`,
    );
  }
  for (const name of strays) {
    const near = nearMiss(name, names);
    const at = [...path, "with", name];
    const meant = near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`;
    report.warn(
      locateKey(root, at),
      `${formatPath(at)}: ${moduleName} declares no parameter of this name${meant}`,
    );
  }
}
