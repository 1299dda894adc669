import { readFile, writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { nearMiss } from "../../base/index.ts";
import { type FuzzResult, fuzzModule, type LawName, lawNames, testFileText } from "../../devkit/index.ts";
import { loadModule } from "../../engine/index.ts";
import { MillraceError, messageOf } from "../../errors.ts";
import { moduleFolderOf } from "../module-folder.ts";
import type { Outcome } from "../outcome.ts";
import { formatCount, plural } from "../output/index.ts";
import { readCalledModule } from "../read-module.ts";
import type { Session } from "../session.ts";
import { pairOf } from "../usage.ts";
import type { FuzzCommandOptions } from "./options.ts";
import { type FuzzReport, fuzzReport } from "./report.ts";
import { fuzzText } from "./text.ts";

const runsUsual = 200;
/** Long enough for most inputs to become as small as they can be, short enough to wait for. */
const shrinkMsMax = 10_000;
const refreshMs = 100;

/**
 * Looks for records that a module gets wrong. A law that is broken fails the command.
 * @param called path of the module, or its name in the store
 * @throws MillraceError `module.not-found`, `module.init`, `cli.usage`, `file.not-found`, `fuzz.generator`
 */
export async function fuzzFile(
  called: string,
  options: FuzzCommandOptions,
  session: Session,
): Promise<Outcome<FuzzReport>> {
  const { screen, stdout, world } = session;
  const folder = moduleFolderOf(options.modules, world.environment);
  const { file, name, bytes } = await readCalledModule(called, folder);
  const module = await loadModule(bytes, name);
  const parameters = new Map((options.with ?? []).map((text) => pairOf("--with", text)));
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
  let drawnMs = 0;
  const result = await fuzzModule(module, {
    parameters,
    seed,
    runs: options.runs ?? runsUsual,
    shrinkMsMax,
    timeMs: options.minutes === undefined ? undefined : options.minutes * 60_000,
    samples: options.sample === undefined ? undefined : await linesOf(options.sample),
    generator: options.generator,
    laws: options.law?.map(lawOf),
    isStateless: options.stateless,
    stop: world.stopSignal(),
    onRun(runs, shrinking) {
      if (options.quiet === true || performance.now() - drawnMs < refreshMs) return;
      drawnMs = performance.now();
      const smaller = shrinking === undefined ? "" : `: ${shrinking} is broken, looking for a smaller input`;
      screen.draw([`${plural(runs, "input")} tried${smaller}`]);
    },
  });
  screen.clear();
  const broken = result.laws.filter((law) => law.broken !== undefined).length;
  const saved = broken === 0 ? undefined : await save(name, file, parameters, result, options.output);
  const report = fuzzReport(called, result, saved);
  const summary = summaryOf(called, result);
  return {
    summary,
    result: report,
    text: options.quiet === true && broken === 0 ? undefined : fuzzText(report, summary, stdout.style),
    error:
      broken === 0
        ? undefined
        : new MillraceError("fuzz.law", `${called} breaks ${plural(broken, "law")}`, {
            where: { module: name },
            hint: `\`millrace test ${saved}\` tries what was found again, and --seed ${seed} all that was tried`,
          }),
  };
}

function summaryOf(module: string, { laws }: FuzzResult): string {
  const tried = laws.filter(({ skipped }) => skipped === undefined);
  const inputs = Math.max(0, ...tried.map(({ runs }) => runs));
  const broken = tried.filter((law) => law.broken !== undefined).map(({ law }) => law);
  const what = broken.length === 0 ? "all held" : `broken: ${broken.join(", ")}`;
  return `${module}: ${plural(tried.length, "law")} tried with ${formatCount(inputs)} inputs, ${what}`;
}

/** @throws MillraceError `cli.usage` */
function lawOf(name: string): LawName {
  const law = lawNames.find((each) => each === name.trim());
  if (law !== undefined) return law;
  const near = nearMiss(name, lawNames);
  throw new MillraceError("cli.usage", `no law is called "${name}"`, {
    hint: near === undefined ? `there are ${lawNames.join(", ")}` : `did you mean ${near}?`,
  });
}

/** @throws MillraceError `file.not-found`, `file.unreadable` */
async function linesOf(path: string): Promise<readonly Uint8Array[]> {
  try {
    const text = (await readFile(path)).toString("latin1");
    const lines = text.split(/\r?\n/).filter((line) => line !== "");
    return lines.map((line) => new Uint8Array(Buffer.from(line, "latin1")));
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const what = isMissing ? `there is no file ${path}` : `${path} cannot be read: ${messageOf(error)}`;
    throw new MillraceError(isMissing ? "file.not-found" : "file.unreadable", what, {
      where: { file: path },
      hint: "name a file with a record on each line",
      cause: error,
    });
  }
}

/** @throws MillraceError `file.unwritable` */
async function save(
  name: string,
  module: string,
  parameters: ReadonlyMap<string, string>,
  result: FuzzResult,
  output: string | undefined,
): Promise<string> {
  const file = output ?? `${basename(name).replace(/\.wasm$/, "")}.fuzz.test.yaml`;
  try {
    await writeFile(file, testFileText(result, resolve(module), parameters, resolve(file)));
    return file;
  } catch (error) {
    throw new MillraceError("file.unwritable", `${file} cannot be written: ${messageOf(error)}`, {
      where: { file },
      hint: "name another file with --output",
      cause: error,
    });
  }
}
