import { dirname, resolve } from "node:path";
import { assert, Redactor } from "../base/index.ts";
import { findConnector } from "../connector/index.ts";
import { limits } from "../limits.ts";
import { defaultModuleFolder, ModuleStore } from "../modules/index.ts";
import { lastResortOf } from "../pipeline/index.ts";
import { type FindConnector, readConnector, readConnectorSection } from "./connector-section.ts";
import { readDeadLetterTopic } from "./dead-letter-topic.ts";
import type { FluvioNote } from "./fluvio/note.ts";
import { notesForFluvio } from "./fluvio/notes.ts";
import { toCurrentForm } from "./forms.ts";
import { endOfType, readMeta } from "./meta.ts";
import { readMillraceSection } from "./millrace-section.ts";
import type { ConfigWarning, Plan } from "./plan.ts";
import { readText } from "./read-text.ts";
import { Report } from "./report.ts";
import { fillIn } from "./secrets/fill-in.ts";
import { openSecrets, type SecretPlaces } from "./secrets/secret-store.ts";
import { readSteps } from "./steps.ts";
import { checkTopLevel } from "./top-level.ts";
import { locate, type MapNode } from "./yaml/node.ts";
import { parseYaml } from "./yaml/parse.ts";

export interface ReadPlanOptions {
  /** Finds the connector of a type; the connectors of this package where it is absent. */
  readonly findConnector?: FindConnector;
  /** The config itself, where it is in no file; `file` is what messages call it then. */
  readonly text?: string;
  /** Folder of the modules that are called by name where the config names none; `.millrace-modules` where it is absent. */
  readonly moduleFolder?: string | undefined;
  /** Where secrets are; none where it is absent. */
  readonly secrets?: SecretPlaces | undefined;
  /** Learns the secrets that are filled in, also where the config is refused; the plan has it. */
  readonly redactor?: Redactor | undefined;
}

export interface ReadPlan {
  readonly plan: Plan;
  /** In the order of their places. */
  readonly warnings: readonly ConfigWarning[];
  /** What Fluvio would refuse, ignore or do otherwise, in the order of their places. */
  readonly fluvio: () => readonly FluvioNote[];
}

/**
 * Reads a connector's config, in Fluvio's form with what is ours beside it, and checks all of it before it says
 * anything.
 *
 * Fluvio ignores unknown keys, so files that run there must not be refused here: in `meta:`, `transforms:`, the
 * connector's section and at the top they are warnings with a near miss. In `millrace:`, `filter:` and `shape:`, which
 * no file for Fluvio has, they are problems. Keys that Fluvio heeds and that have no effect here are warnings too, and
 * problems where other records would arrive.
 *
 * Secrets are filled in last, into texts, and nothing that is thrown or warned of tells one.
 *
 * @param file path of the config, absolute or from the working folder; it appears in messages as it is given
 * @throws MillraceError `config.not-found`, `config.syntax`
 * @throws MillraceError `config.invalid`, `config.secret`, `config.unknown-type` or `connector.end` for a single problem;
 * for several, `config.invalid` with all of them as its `problems`, in the order of their places
 */
export async function readPlan(file: string, options: ReadPlanOptions = {}): Promise<ReadPlan> {
  const redactor = options.redactor ?? new Redactor();
  const report = new Report(file, redactor);
  const find = options.findConnector ?? findConnector;
  const text = options.text ?? (await readText(file));
  const tree = parseYaml(text, file, report);
  const root = toCurrentForm(tree, { folder: dirname(resolve(file)), find }, report);
  const secrets = await openSecrets(options.secrets ?? {}, report);
  const filled = root && fillIn(root, systemOf(root), secrets, report);
  const planned =
    filled &&
    (await planOf(
      filled,
      { file: resolve(file), find, redactor, moduleFolder: options.moduleFolder },
      report,
    ));
  const plan = planned && { ...planned, text };
  report.throwIfAny();
  assert(plan !== undefined, "a config without problems makes a plan");
  const isInbound = plan.direction === "inbound";
  return {
    plan,
    warnings: report.warnings,
    fluvio: () => (tree?.kind === "map" ? notesForFluvio(tree, isInbound, report) : []),
  };
}

interface PlanContext {
  readonly file: string;
  readonly find: FindConnector;
  readonly redactor: Redactor;
  readonly moduleFolder: string | undefined;
}

async function planOf(
  root: MapNode,
  { file, find, redactor, moduleFolder: usualFolder }: PlanContext,
  report: Report,
): Promise<Omit<Plan, "text"> | undefined> {
  const folder = dirname(file);
  const connector = await readConnector(root, folder, find, report);
  const meta = readMeta(root, connector?.end, report);
  const isUsable = checkTopLevel(root, connector, report);
  const section = connector && isUsable ? readConnectorSection(root, connector, report) : undefined;
  const { limits: stepLimits, moduleFolder, ...millrace } = readMillraceSection(root, folder, report);
  const isInbound = (connector?.end ?? endOfType(meta?.type)) === "source";
  const store = new ModuleStore(moduleFolder ?? usualFolder ?? resolve(defaultModuleFolder));
  const steps = await readSteps(
    root,
    {
      folder,
      store,
      isInbound,
      onError: lastResortOf(millrace.onError),
      limits: stepLimits,
      isolation: millrace.isolation,
    },
    report,
  );
  if (meta === undefined) return undefined;
  const deadLetterTopic = readDeadLetterTopic(root, { ...millrace, ...meta, steps }, report);
  if (connector === undefined || section === undefined) return undefined;
  return {
    ...millrace,
    ...meta,
    ...section,
    batchBytes: batchBytesOf(millrace.batchBytes, isInbound ? meta.batchBytes : undefined),
    file,
    folder,
    direction: isInbound ? "inbound" : "outbound",
    connector: connector.spec,
    steps,
    deadLetterTopic,
    redactor,
  };
}

/** The name of the connector's section. */
function systemOf(root: MapNode): string | undefined {
  const { node } = locate(root, ["meta", "type"]);
  return node?.kind === "scalar" ? String(node.value).replace(/-(source|sink)$/, "") : undefined;
}

/** What ours says goes before what Fluvio's does, whose sizes may be larger than a frame, or zero. */
function batchBytesOf(ours: number | undefined, theirs: number | undefined): number {
  return ours ?? Math.min(theirs || limits.batchBytes.default, limits.frameBytesMax.default);
}
