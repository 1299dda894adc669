import { z } from "zod";
import type { GuestLimits } from "../engine/index.ts";
import type { ModuleStore } from "../modules/index.ts";
import type { LastResort } from "../pipeline/index.ts";
import { limitsOf, limitsSchema, warnOfDeadline } from "./guest-limits.ts";
import { parametersOf, writtenSecrets } from "./parameters.ts";
import type { Isolation, StepPlan, StepStage } from "./plan.ts";
import type { Report } from "./report.ts";
import { check } from "./schema/check.ts";
import { durationSchema, lastResortSchema } from "./schema/scalars.ts";
import { checkDeclared, findModule } from "./step-module.ts";
import { describe, formatPath, locate, locateKey, type MapNode, type Path } from "./yaml/node.ts";

export const stepSchema = z.strictObject({
  uses: z
    .string("expected the path or the name of a module")
    .min(1, "expected the path or the name of a module")
    .describe(
      "The module: its path, a relative one from the config, or its name in the store of modules, as NAME, GROUP/NAME or " +
        "GROUP/NAME@VERSION. With `#sha256=` and a hash behind it, no other module is taken.",
    ),
  with: z.record(z.string(), z.unknown()).optional().describe("Parameters of the module."),
  lookback: z
    .strictObject({
      last: z.int().min(0).optional().describe("So many records."),
      age: durationSchema.optional().describe("Records of this age and younger."),
    })
    .optional()
    .describe("Earlier records that a module sees before the first one, from the topic of the pipeline."),
  accumulator: z
    .union([z.string(), z.number(), z.boolean()], "expected a text or a number")
    .optional()
    .describe("What an aggregate begins with; what an earlier run of the pipeline has stored goes before."),
  stateful: z
    .boolean()
    .optional()
    .describe(
      "Whether the module keeps something from one record to a later one, where it does not say so itself or says what is " +
        "of no matter here. `false`: it may be replaced by a new instance whenever that helps; `true`: never, and a trap ends " +
        "the pipeline, unless it looks back. Where it is absent, a packed module says it itself, and one built for Fluvio is " +
        "replaced after a trap only, with a warning.",
    ),
  onError: lastResortSchema("a module gives the same record the same answer, or has changed by the first one")
    .optional()
    .describe(
      "What happens to a record that fails: `fail` ends the pipeline, `skip` leaves it out, `dead-letter` keeps it " +
        "with its cause in a topic.",
    ),
  limits: limitsSchema
    .optional()
    .describe("What bounds this module, where it differs from the `limits:` of the section `millrace:`."),
});

interface StepDefaults {
  readonly folder: string;
  readonly store: ModuleStore;
  readonly isInbound: boolean;
  readonly onError: LastResort;
  readonly limits: GuestLimits;
  readonly isolation: Isolation;
}

/**
 * The steps in the order in which they run: `transforms:` as written, or `filter:` and `shape:` in the order of the
 * direction. An unknown key in `transforms:`, which is Fluvio's, is ignored with a warning; `filter:` and `shape:` are
 * ours, and it is a mistake there.
 */
export async function readSteps(
  root: MapNode,
  defaults: StepDefaults,
  report: Report,
): Promise<readonly StepPlan[]> {
  if (root.entries.has("transforms")) refuseMixture(root, report);
  const stages = defaults.isInbound ? (["filter", "shape"] as const) : (["shape", "filter"] as const);
  const steps = [...(await readStage(root, "transforms", "transform", defaults, report))];
  for (const stage of stages) steps.push(...(await readStage(root, stage, stage, defaults, report)));
  return steps;
}

function refuseMixture(root: MapNode, report: Report): void {
  const { line } = locateKey(root, ["transforms"]);
  for (const key of ["filter", "shape"]) {
    if (!root.entries.has(key)) continue;
    report.error(
      locateKey(root, [key]),
      `${key}: cannot be used together with \`transforms:\` in line ${line}`,
      "move all steps to `transforms:`, which runs as written, or all to `filter:` and `shape:`",
    );
  }
}

async function readStage(
  root: MapNode,
  key: string,
  stage: StepStage,
  defaults: StepDefaults,
  report: Report,
): Promise<StepPlan[]> {
  const { node, place } = locate(root, [key]);
  if (node === undefined) return [];
  if (node.kind === "map" && stage !== "transform") return readStep(root, [key], stage, defaults, report);
  if (node.kind === "list") {
    const steps: StepPlan[] = [];
    for (const index of node.items.keys()) {
      steps.push(...(await readStep(root, [key, index], stage, defaults, report)));
    }
    return steps;
  }
  const expected = stage === "transform" ? "a list of steps" : "a step or a list of steps";
  report.error(
    place,
    `${key}: expected ${expected}, found ${describe(node)}`,
    "a step names its module: `- uses: module.wasm`",
  );
  return [];
}

/** The one step at a path, or none where it was refused. */
async function readStep(
  root: MapNode,
  path: Path,
  stage: StepStage,
  defaults: StepDefaults,
  report: Report,
): Promise<StepPlan[]> {
  const { node, place: stepPlace } = locate(root, path);
  if (node?.kind !== "map") {
    const found = node === undefined ? "nothing" : describe(node);
    const hint = "a step names its module: `uses: module.wasm`";
    report.error(stepPlace, `${formatPath(path)}: expected a step, found ${found}`, hint);
    return [];
  }
  const step = check(stepSchema, root, path, {
    unknownKeys: stage === "transform" ? "warn" : "refuse",
    absent: {},
    report,
  });
  const given = locate(root, [...path, "with"]).node;
  const parameters =
    given?.kind === "map" ? parametersOf(given, [...path, "with"], report) : new Map<string, string>();
  if (step === undefined) return [];
  warnOfDeadline(root, path, defaults.isolation, report);
  const { place } = locate(root, [...path, "uses"]);
  const found = await findModule(step.uses, defaults, root, path, report);
  if (found === undefined) return [];
  checkDeclared(found, parameters, root, path, report);
  const { modulePath, moduleName, moduleVersion, sha256 } = found;
  const { last, age: ageMs } = step.lookback ?? {};
  return [
    {
      stage,
      modulePath,
      moduleName,
      moduleVersion,
      sha256,
      parameters,
      secretParameters: given?.kind === "map" ? writtenSecrets(given) : new Map(),
      onError: step.onError ?? defaults.onError,
      limits: limitsOf(step.limits, defaults.limits),
      accumulator: step.accumulator === undefined ? undefined : String(step.accumulator),
      lookBack: last || ageMs ? { last, ageMs } : undefined,
      stateful: step.stateful,
      where: report.where(place),
    },
  ];
}
