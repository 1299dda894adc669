import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { MillraceError, messageOf } from "../../errors.ts";
import type { Contender } from "./contender.ts";
import type { MeasuredCase, Measurement } from "./result.ts";
import { writeTextFile } from "./write-file.ts";

const version = 1;

/**
 * What later measurements are compared with. It holds the module itself, which is run again beside the new one: figures of
 * another day or machine say nothing of today's.
 */
export interface Baseline {
  readonly millraceBaseline: typeof version;
  readonly name: string;
  readonly sha256: string;
  /** The module, in base64. */
  readonly wasm: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly fuel: boolean;
  /** As it was measured then, for people. */
  readonly machine: Measurement["machine"];
  readonly cases: readonly MeasuredCase[];
}

/**
 * Keeps the first module of a measurement.
 * @throws MillraceError `file.unwritable`
 */
export async function saveBaseline(
  file: string,
  { name, bytes, parameters, fuel }: Contender,
  { machine, cases }: Measurement,
): Promise<void> {
  const baseline: Baseline = {
    millraceBaseline: version,
    name,
    sha256: sha256Of(bytes),
    wasm: Buffer.from(bytes).toString("base64"),
    parameters: Object.fromEntries(parameters),
    fuel,
    machine,
    cases: cases.map((each) => ({ ...each, figures: each.figures.slice(0, 1), comparisons: [] })),
  };
  await writeTextFile(file, `${JSON.stringify(baseline, undefined, 2)}\n`);
}

/** @throws MillraceError `file.not-found`, `bench.baseline` */
export async function readBaseline(file: string): Promise<Baseline> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new MillraceError("file.not-found", `the baseline cannot be read: ${messageOf(error)}`, {
      where: { file },
      hint: "`--save-baseline` makes one",
      cause: error,
    });
  }
  const baseline = parsed(text);
  if (baseline === undefined) throw unusable(file, "the file is no baseline of `millrace bench`");
  if (sha256Of(Buffer.from(baseline.wasm, "base64")) !== baseline.sha256) {
    throw unusable(file, "the module in the baseline is not the one that was saved");
  }
  return baseline;
}

/** The module of a baseline, to be measured beside others. */
export function baselineContender(file: string, baseline: Baseline): Contender {
  const { name, wasm, parameters, fuel } = baseline;
  return {
    name: `${name} (baseline)`,
    file,
    bytes: Buffer.from(wasm, "base64"),
    parameters: new Map(Object.entries(parameters)),
    fuel,
  };
}

function parsed(text: string): Baseline | undefined {
  try {
    const content: unknown = JSON.parse(text);
    return isBaseline(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

function isBaseline(content: unknown): content is Baseline {
  if (typeof content !== "object" || content === null) return false;
  const { millraceBaseline, name, sha256, wasm, parameters, fuel } = content as Record<string, unknown>;
  return (
    millraceBaseline === version &&
    [name, sha256, wasm].every((each) => typeof each === "string") &&
    typeof fuel === "boolean" &&
    typeof parameters === "object" &&
    parameters !== null &&
    Object.values(parameters).every((each) => typeof each === "string")
  );
}

function unusable(file: string, what: string): MillraceError {
  return new MillraceError("bench.baseline", what, {
    where: { file },
    hint: "make it again with `--save-baseline`",
  });
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
