import { withArticle } from "../../base/index.ts";
import { type DescribedParameter, describedParameters } from "../../config/index.ts";
import { adviceFor } from "../../devkit/index.ts";
import {
  formatType,
  type InspectedModule,
  importUse,
  inspectModule,
  type Module,
  readFunctionNames,
} from "../../engine/index.ts";
import { MillraceError } from "../../errors.ts";
import { packageBeside } from "../../modules/index.ts";
import { moduleFolderOf } from "../module-folder.ts";
import type { Outcome } from "../outcome.ts";
import { readCalledModule } from "../read-module.ts";
import type { Session } from "../session.ts";
import { pairOf } from "../usage.ts";
import type { Inspection } from "./inspection.ts";
import type { ModuleOptions } from "./stored-module.ts";
import { inspectionText } from "./text.ts";

export interface InspectOptions extends ModuleOptions {
  readonly with?: readonly string[];
}

/**
 * Tells what a module is. One that cannot be run is told as far as it can be, and fails the command.
 * @param called path of the module, or its name in the store
 * @throws MillraceError `module.not-found`, `module.not-wasm`, `config.invalid` for its module.yaml, `cli.usage`
 */
export async function inspectFile(
  called: string,
  options: InspectOptions,
  { stdout, world }: Session,
): Promise<Outcome<Inspection>> {
  const given = new Map((options.with ?? []).map((text) => pairOf("--with", text)));
  const folder = moduleFolderOf(options.modules, world.environment);
  const { file, name, bytes, declared } = await readCalledModule(called, folder);
  const inspected = await inspectModule(bytes, name);
  const parameters = declared?.map((each) => ({ ...each, default: null })) ?? (await parametersOf(file));
  const problem = MillraceError.is(inspected.module) ? inspected.module : undefined;
  const started = MillraceError.is(inspected.module) ? undefined : await start(inspected.module, given);
  const inspection = inspectionOf(file, bytes, inspected, parameters, started);
  const summary =
    problem === undefined
      ? `${called}: ${withArticle(inspection.kind ?? "module")} of the ${inspection.abi} ABI`
      : `${called}: it cannot be run here`;
  return {
    summary,
    result: inspection,
    text: inspectionText(inspection, summary, stdout.style),
    error: problem,
  };
}

async function parametersOf(file: string): Promise<readonly DescribedParameter[] | undefined> {
  const described = await describedParameters(file);
  if (described !== undefined) return described;
  return (await packageBeside(file))?.parameters.map((each) => ({ ...each, default: null }));
}

interface Started {
  readonly stateful: boolean | undefined;
  readonly problem: MillraceError | undefined;
}

/** Whether a module keeps something it says only when it starts. */
async function start(module: Module, parameters: ReadonlyMap<string, string>): Promise<Started> {
  try {
    const { stateful } = await module.abi.open(module, { parameters });
    return { stateful, problem: undefined };
  } catch (error) {
    if (!MillraceError.is(error)) throw error;
    return { stateful: undefined, problem: error };
  }
}

function inspectionOf(
  file: string,
  bytes: Uint8Array,
  inspected: InspectedModule,
  parameters: readonly DescribedParameter[] | undefined,
  started: Started | undefined,
): Inspection {
  const { sha256, shape, module, internalName, producers } = inspected;
  const abi = MillraceError.is(module) ? undefined : module.abi;
  const functions = readFunctionNames(bytes);
  const describesParameters = parameters === undefined ? undefined : parameters.length > 0;
  return {
    file,
    sha256,
    bytes: bytes.length,
    abi: abi?.name ?? null,
    kind: abi?.kind ?? null,
    looksBack: abi?.looksBack ?? null,
    stateful: started?.stateful ?? null,
    startProblem: started?.problem?.toJSON() ?? null,
    parameters: parameters ?? null,
    imports: shape.imports.map((each) => ({ ...each, ...importUse(each) })),
    exports: shape.exports.map(({ name, kind, type }) => ({
      name,
      kind,
      type: type === undefined ? null : formatType(type),
    })),
    memories: shape.memories.map(({ pagesMin, pagesMax }) => ({ pagesMin, pagesMax: pagesMax ?? null })),
    memoryBytesMax: MillraceError.is(module) ? null : module.limits.memoryBytesMax,
    name: internalName ?? null,
    producers,
    sections: shape.sections,
    functions: { count: functions.count, named: functions.inNameSection },
    advice: adviceFor({ inspected, functions, bytes: bytes.length, describesParameters }),
  };
}
