import { z } from "zod";
import type { ConnectorEnd } from "../connector/index.ts";
import { MillraceError } from "../errors.ts";
import { checkHolderName, checkTopicName, type StartOffset } from "../topic/index.ts";
import { reportDeadKeys } from "./dead-keys.ts";
import type { Report } from "./report.ts";
import { check } from "./schema/check.ts";
import { durationSchema, sizeSchema } from "./schema/scalars.ts";
import { secretName } from "./secrets/secret-store.ts";
import { describe, formatPath, locate, type MapNode, type Path, plainOf } from "./yaml/node.ts";

const nameSchema = z.string().min(1);
const offsetSchema = z.int().min(0);
const startKeys = ["absolute", "from-beginning", "from-end"] as const;

const producerSchema = z.strictObject({
  linger: durationSchema
    .optional()
    .describe("How long Fluvio waits for more records; here they are stored as they come."),
  compression: z
    .enum(["none", "gzip", "snappy", "lz4", "zstd"])
    .optional()
    .describe("How Fluvio compresses batches; here they are stored uncompressed."),
  "batch-size": sizeSchema.optional().describe("Wished size of a batch; `millrace.batch-bytes` goes before."),
});

const startSchema = z.union([
  z.enum(["beginning", "end"]),
  z
    .strictObject({
      absolute: offsetSchema.optional().describe("This offset."),
      "from-beginning": offsetSchema.optional().describe("So many records after the oldest one."),
      "from-end": offsetSchema.optional().describe("So many records before the end."),
    })
    .refine((given) => startKeys.filter((key) => given[key] !== undefined).length === 1, {
      error: `expected one of the keys ${startKeys.join(", ")}`,
    }),
]);

const consumerSchema = z.strictObject({
  id: nameSchema
    .optional()
    .describe("Name under which the position is stored; the pipeline's name where it is absent."),
  partition: z
    .union([z.literal("all"), offsetSchema, z.array(offsetSchema)])
    .optional()
    .describe("Partitions to read. A topic has one here, so all records are read."),
  "max-bytes": sizeSchema
    .optional()
    .describe("Most bytes of one read; here records are read in the batches in which they were stored."),
  offset: z
    .strictObject({
      start: startSchema
        .optional()
        .describe("Where to begin without a stored position: the beginning where it is absent."),
      strategy: z
        .enum(["none", "manual", "auto"])
        .optional()
        .describe(
          "`none`: no position is stored, and each run begins at `start`. Otherwise, and where it is absent, a run goes on " +
            "where the one before has stopped.",
        ),
      "flush-period": z
        .union([durationSchema, z.strictObject({ secs: offsetSchema, nanos: offsetSchema })])
        .optional()
        .describe("How often Fluvio stores positions; here after each batch that the sink accepts."),
    })
    .optional()
    .describe("Where to begin, and when positions are stored."),
});

/** `meta.topic` of 0.2.0. What else Fluvio knows there describes a cluster's topics; `reportDeadKeys` speaks of it. */
const topicSchema = z
  .strictObject({
    version: z.string().optional(),
    meta: z.strictObject({ name: nameSchema.describe("Name of the topic.") }),
    partition: z.unknown().optional(),
    retention: z.unknown().optional(),
    compression: z.unknown().optional(),
    deduplication: z.unknown().optional(),
  })
  .transform(({ meta }) => meta.name);

function metaSchema(topic: z.ZodType<string>) {
  return z.strictObject({
    name: nameSchema.describe("Name of the pipeline."),
    type: nameSchema.describe(
      "Type of the connector, such as `http-source`, or the path of a connector of your own, such as `./my-source.js`.",
    ),
    topic: topic.describe("The topic that an inbound pipeline writes to and an outbound one reads."),
    version: z
      .union([z.string(), z.number()])
      .optional()
      .describe("Version of Fluvio's connector; has no meaning here."),
    producer: producerSchema.optional().describe("How an inbound pipeline stores records in its topic."),
    consumer: consumerSchema.optional().describe("How an outbound pipeline reads its topic."),
    secrets: z
      .array(
        z.strictObject({
          name: z
            .string()
            .regex(secretName, "expected a name of letters, digits and `_` that begins with no digit"),
        }),
      )
      .optional()
      .describe("Names of the secrets that the config uses; Fluvio fills in no others."),
  });
}

/** By the form in which `meta.topic` names the topic. */
export const metaSchemas = { text: metaSchema(nameSchema), mapping: metaSchema(topicSchema) };

/** What `meta:` says, in the words of a plan. */
export interface Meta {
  readonly name: string;
  readonly type: string;
  readonly topic: string;
  readonly consumer: string;
  readonly start: StartOffset;
  /** False for a consumer that begins at `start` in each run. */
  readonly keepsPosition: boolean;
  /** Wished size of a batch; undefined where nothing is said of it. */
  readonly batchBytes: number | undefined;
}

/**
 * Reads `apiVersion` and `meta:`. Keys that are unknown to Fluvio too are ignored with a warning, since Fluvio ignores
 * them; so are known keys that mean nothing here, as long as a pipeline without them delivers the same records.
 *
 * A consumer without a stored position begins at the beginning, where Fluvio begins at the end: an outbound pipeline
 * that was started after its topic was filled would silently deliver nothing.
 *
 * @param end of the connector; undefined where its type is unknown
 */
export function readMeta(root: MapNode, end: ConnectorEnd | undefined, report: Report): Meta | undefined {
  checkTopicForm(root, report);
  const { node } = locate(root, topicPath);
  const schema = node?.kind === "map" ? metaSchemas.mapping : metaSchemas.text;
  const meta = check(schema, root, ["meta"], { unknownKeys: "warn", absent: {}, report });
  if (meta === undefined) return undefined;
  reportDeadKeys(root, (end ?? endOfType(meta.type)) === "source", report);
  const { name, type, topic, consumer, producer } = meta;
  checkName(root, ["meta", "name"], () => checkHolderName("pipeline", name), report);
  checkName(
    root,
    node?.kind === "map" ? [...topicPath, "meta", "name"] : topicPath,
    () => checkTopicName(topic),
    report,
  );
  checkName(
    root,
    ["meta", "consumer", "id"],
    () => checkHolderName("consumer", consumer?.id ?? name),
    report,
  );
  return {
    name,
    type,
    topic,
    consumer: consumer?.id ?? name,
    start: startOf(consumer?.offset?.start),
    keepsPosition: consumer?.offset?.strategy !== "none",
    batchBytes: producer?.["batch-size"],
  };
}

/** What the name of a type says of the direction, where no connector does. */
export function endOfType(type: string | undefined): ConnectorEnd {
  return type?.endsWith("-sink") === true ? "sink" : "source";
}

/** Reports what the topics' own check of a name throws. */
function checkName(root: MapNode, path: Path, checkIt: () => void, report: Report): void {
  const { node, place } = locate(root, path);
  if (node === undefined) return;
  try {
    checkIt();
  } catch (error) {
    if (!MillraceError.is(error)) throw error;
    report.error(place, `${formatPath(path)}: ${error.message}`, error.hint, error.code);
  }
}

const topicPath: Path = ["meta", "topic"];
/** Values of `apiVersion`, with the form of `meta.topic` in each. */
export const apiVersions: ReadonlyMap<unknown, "text" | "mapping"> = new Map([
  ["0.0.0", "text"],
  ["0.1.0", "text"],
  ["0.2.0", "mapping"],
]);

/** Before 0.2.0 a topic was named by a text, since then it is a mapping. */
function checkTopicForm(root: MapNode, report: Report): void {
  const { node: version, place } = locate(root, ["apiVersion"]);
  const form = apiVersions.get(version === undefined ? "0.0.0" : plainOf(version));
  if (version !== undefined && form === undefined) {
    const known = [...apiVersions.keys()].map((each) => JSON.stringify(each)).join(", ");
    report.error(place, `apiVersion: expected one of ${known}, found ${describe(version)}`);
    return;
  }
  const topic = locate(root, topicPath);
  if (form === "text" && topic.node?.kind === "map") {
    report.error(
      topic.place,
      "meta.topic: expected a text, found a mapping",
      "write the name of the topic; a mapping is the form of `apiVersion: 0.2.0`",
    );
  }
  if (form === "mapping" && topic.node?.kind === "scalar" && topic.node.value !== null) {
    report.error(
      topic.place,
      `meta.topic: expected a mapping, found ${describe(topic.node)}`,
      "write `topic: { meta: { name: … } }`; a text is the form of `apiVersion: 0.1.0`",
    );
  }
}

function startOf(given: z.output<typeof startSchema> | undefined): StartOffset {
  if (given === "end") return { from: "end", back: 0 };
  if (typeof given !== "object") return { from: "beginning", skip: 0 };
  if (given.absolute !== undefined) return { from: "offset", offset: given.absolute };
  const back = given["from-end"];
  return back === undefined
    ? { from: "beginning", skip: given["from-beginning"] ?? 0 }
    : { from: "end", back };
}
