import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { type Module, openChain, type Transform, worldSeed } from "../../engine/index.ts";
import { MillraceError } from "../../errors.ts";
import { loadModuleFile } from "../../modules/index.ts";
import type { CapturedStep, HeadEnvelope } from "../../run/index.ts";

/** What of a capture is done again, and with what. */
export interface ReplayWith {
  /** Name of the step, its number from 1 on, or its module's name; all of them where it is absent. */
  readonly step?: string | undefined;
  /** Path of another module in place of the step's own. */
  readonly module?: string | undefined;
  /** Folder in which to look for the modules of the capture too. */
  readonly folder?: string | undefined;
  /** Parameters that differ from the captured ones, such as secrets that a capture does not hold. */
  readonly parameters?: ReadonlyMap<string, string> | undefined;
}

export interface OpenedStep {
  readonly index: number;
  readonly captured: CapturedStep;
  readonly module: Module;
  /** Of the module's bytes, in hex. */
  readonly sha256: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly transform: Transform;
}

/**
 * Opens the steps of a capture that are to be done again.
 * @param capture path of the capture's file
 * @throws MillraceError `cli.usage`, `capture.module`, and what loading and opening a module throws
 */
export async function openCapturedSteps(
  capture: string,
  head: HeadEnvelope,
  options: ReplayWith,
): Promise<readonly OpenedStep[]> {
  if (head.world.deterministic && head.world.seed !== worldSeed) {
    throw new MillraceError(
      "capture.invalid",
      "the capture has random bytes of a seed that this version does not have",
      {
        where: { file: capture },
        hint: "replay it with the version that it was made with",
      },
    );
  }
  const chosen = chosenSteps(head, options);
  const opened: OpenedStep[] = [];
  for (const index of chosen) {
    const captured = head.steps[index] as CapturedStep;
    const module = await moduleFor(capture, captured, options);
    const parameters = parametersOf(captured, options);
    const { transforms } = await openChain(
      [
        {
          module,
          parameters,
          accumulator: captured.accumulator ?? undefined,
          lookBack:
            captured.lookBack === null
              ? undefined
              : { last: captured.lookBack.last ?? undefined, ageMs: captured.lookBack.ageMs ?? undefined },
          stateful: captured.stateful ?? undefined,
        },
      ],
      { wasi: head.world.wasi, deterministic: head.world.deterministic },
    );
    const sha256 = await module.sha256();
    opened.push({ index, captured, module, sha256, parameters, transform: transforms[0] as Transform });
  }
  return opened;
}

function chosenSteps(head: HeadEnvelope, { step, module }: ReplayWith): readonly number[] {
  const names = head.steps.map(({ name }) => name).join(", ");
  if (step !== undefined) {
    const index = head.steps.findIndex(
      (each, at) => each.name === step || String(at + 1) === step || each.module === step,
    );
    if (index >= 0) return [index];
    throw new MillraceError("cli.usage", `the capture has no step "${step}"`, {
      hint: names === "" ? "it has none at all" : `it has ${names}`,
    });
  }
  if (module !== undefined && head.steps.length > 1) {
    throw new MillraceError(
      "cli.usage",
      `the capture has ${head.steps.length} steps, and ${module} can take the place of one`,
      {
        hint: `say which with --at: ${names}`,
      },
    );
  }
  return head.steps.map((_, index) => index);
}

/** True for a parameter as the config writes it when it takes a secret; the secret itself is in no capture. */
export function isSecret(value: string | undefined): boolean {
  return value !== undefined && /\$\{\{\s*secrets\b/.test(value);
}

/** @throws MillraceError `cli.usage` for a secret, which is not in the capture */
function parametersOf(
  captured: CapturedStep,
  { parameters = new Map() }: ReplayWith,
): ReadonlyMap<string, string> {
  const merged = new Map([...Object.entries(captured.parameters), ...parameters]);
  for (const [name, value] of merged) {
    if (!isSecret(value)) continue;
    throw new MillraceError(
      "cli.usage",
      `the parameter ${name} of ${captured.name} is a secret, which is not in the capture`,
      {
        hint: `give it with -e ${name}=VALUE`,
      },
    );
  }
  return merged;
}

/** @throws MillraceError `capture.module` */
async function moduleFor(capture: string, captured: CapturedStep, options: ReplayWith): Promise<Module> {
  const { limits, path, module: name, sha256 } = captured;
  if (options.module !== undefined) return loadModuleFile(options.module, limits);
  const { folder } = options;
  const places = [
    ...(folder === undefined ? [] : [resolve(folder, name)]),
    resolve(dirname(capture), path),
    resolve(dirname(capture), basename(name)),
    resolve(basename(name)),
  ];
  let other: Module | undefined;
  for (const place of new Set(places)) {
    if (!(await isFile(place))) continue;
    const module = await loadModuleFile(place, limits);
    if ((await module.sha256()) === sha256) return module;
    other ??= module;
  }
  const where = { file: resolve(dirname(capture), path) };
  if (other === undefined) {
    throw new MillraceError("capture.module", `the module ${name} of the capture is not there`, {
      where,
      hint: "name the folder that it is in with --modules",
    });
  }
  throw new MillraceError(
    "capture.module",
    `${name} is another module than was captured: its hash is ${await other.sha256()}`,
    {
      where,
      hint: `${sha256} was captured; to see what the other one does, name it with --module`,
    },
  );
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true;
}
