import { z } from "zod";
import { errorCodes } from "../../errors.ts";
import { captureVersion } from "./layout.ts";

const count = z.int().min(0);
const bytes = z.instanceof(Uint8Array);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** A newer version may know more codes than this one; they read as one that says nothing special. */
const code = z.enum(Object.keys(errorCodes) as [keyof typeof errorCodes]).catch("module.record");

const guestLimits = z.object({
  moduleBytesMax: count,
  memoryBytesMax: count,
  tableElementsMax: count,
  fuelPerRecord: count,
  fuelPerSetup: count,
  fuel: z.boolean(),
});

const step = z.object({
  /** Its own in the pipeline, such as `1-keep.wasm`. */
  name: z.string(),
  stage: z.string(),
  /** The module: its name, the path from the folder of the capture, the hash of its file. */
  module: z.string(),
  path: z.string(),
  sha256,
  abi: z.string(),
  kind: z.string(),
  /** What the config says of it; null where it says nothing. */
  stateful: z.boolean().nullable(),
  /** As the config gives them; one that holds a secret as it is written there. */
  parameters: z.record(z.string(), z.string()),
  /** What an aggregate began with; null where there was nothing, and in a masked capture. */
  accumulator: bytes.nullable(),
  lookBack: z.object({ last: count.nullable(), ageMs: count.nullable() }).nullable(),
  onError: z.string(),
  limits: guestLimits,
});

const head = z.object({
  kind: z.literal("head"),
  version: z.literal(captureVersion),
  pipeline: z.string(),
  direction: z.string(),
  /** The config as it was written, so without the secrets that it names. */
  config: z.object({ name: z.string(), text: z.string() }),
  world: z.object({ wasi: z.enum(["own", "wasmer"]), deterministic: z.boolean(), seed: count }),
  steps: z.array(step),
  /** Share of the batches that were captured, from 0 to 1. */
  share: z.number().gt(0).max(1),
  /** Fields of private data that were replaced; empty where nothing was. */
  mask: z.array(z.string()),
});

const failure = z.object({ record: count, code, message: z.string() });

const stepRun = z.object({
  /** Numbers of the frames before and after; null where the step threw, which spoils the batch. */
  before: count,
  after: count.nullable(),
  /** One code for each record before. */
  became: bytes,
  /** For each record after, the one before that it was made of, as u32; null where each is that at its own place. */
  origins: bytes.nullable(),
  failures: z.array(failure),
  threw: z.object({ code, message: z.string() }).nullable(),
});

const lookBack = z.object({ kind: z.literal("look-back"), step: count });

const batch = z.object({
  kind: z.literal("batch"),
  /** Number of the batch in the run, and of the first of its records, from 0 on. */
  number: count,
  firstRecord: count,
  /** Records of it that are not here, because the capture was full. */
  cut: count,
  /** One for each step that ran. */
  steps: z.array(stepRun),
  /** Records before the first step that the mask changed. */
  masked: z.array(count),
});

const end = z.object({
  kind: z.literal("end"),
  batches: count,
  records: count,
  /** What the capture was full of; null where the run has ended before it was. */
  full: z.enum(["records", "bytes"]).nullable(),
});

export const envelopeSchema = z.discriminatedUnion("kind", [head, lookBack, batch, end]);

export type CapturedStep = z.infer<typeof step>;
export type CapturedFailure = z.infer<typeof failure>;
export type StepRun = z.infer<typeof stepRun>;
export type HeadEnvelope = z.infer<typeof head>;
export type LookBackEnvelope = z.infer<typeof lookBack>;
export type BatchEnvelope = z.infer<typeof batch>;
export type EndEnvelope = z.infer<typeof end>;
export type Envelope = z.infer<typeof envelopeSchema>;
