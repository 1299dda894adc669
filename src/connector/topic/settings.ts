import { z } from "zod";
import type { StartOffset } from "../../topic/index.ts";

const offset = z.int().min(0);

/** Written as in `meta.consumer.offset.start`. */
const start = z
  .union([
    z.enum(["beginning", "end"]),
    z
      .strictObject({
        absolute: offset.optional().describe("This offset."),
        "from-beginning": offset.optional().describe("So many records after the oldest one."),
        "from-end": offset.optional().describe("So many records before the end."),
      })
      .refine((given) => Object.values(given).filter((each) => each !== undefined).length === 1, {
        error: "expected one of the keys absolute, from-beginning, from-end",
      }),
  ])
  .transform(startOf);

export const settings = z.strictObject({
  name: z
    .string("expected the name of a topic")
    .min(1, "expected the name of a topic")
    .describe("Name of the other topic: the one to read, or the one to write to."),
  folder: z
    .string("expected the path of a folder")
    .min(1, "expected the path of a folder")
    .optional()
    .describe(
      "Folder that keeps the other topic, where it is not the one of the pipeline's own; a relative one counts from the config.",
    ),
  start: start
    .optional()
    .describe("Source only. Where to begin without a stored position: the beginning where it is absent."),
  create: z
    .boolean()
    .optional()
    .describe(
      "Sink only. True (the default) makes the topic where it is not there; false takes that for a mistake.",
    ),
});

export type TopicSettings = z.output<typeof settings>;

function startOf(
  given:
    | "beginning"
    | "end"
    | {
        readonly absolute?: number | undefined;
        readonly "from-beginning"?: number | undefined;
        readonly "from-end"?: number | undefined;
      },
): StartOffset {
  if (given === "end") return { from: "end", back: 0 };
  if (given === "beginning") return { from: "beginning", skip: 0 };
  if (given.absolute !== undefined) return { from: "offset", offset: given.absolute };
  const back = given["from-end"];
  return back === undefined
    ? { from: "beginning", skip: given["from-beginning"] ?? 0 }
    : { from: "end", back };
}
