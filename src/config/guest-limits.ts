import { z } from "zod";
import { type GuestLimits, guestLimits } from "../engine/index.ts";
import { sizeSchema } from "./schema/scalars.ts";

const bytesSchema = sizeSchema.pipe(z.number().min(1));
const fuelSchema = z.int("expected a whole number of instructions").min(1);

/** `limits:` of the section `millrace:` and of a step. */
export const limitsSchema = z.strictObject({
  "memory-bytes": bytesSchema
    .optional()
    .describe("Memory of one instance of a module; growing beyond it fails as it does on a small machine."),
  "table-elements": z
    .int("expected a whole number")
    .min(0)
    .optional()
    .describe("Elements of the tables of one instance, such as functions that are called by number."),
  "module-bytes": bytesSchema.optional().describe("Size of a module's file."),
  "fuel-per-record": fuelSchema
    .optional()
    .describe(
      "Instructions that each record gives to its batch; a batch whose module needs more ends the pipeline.",
    ),
  "fuel-per-setup": fuelSchema
    .optional()
    .describe("Instructions of each call for no record: the start function, init, reserving memory."),
  fuel: z
    .enum(["on", "off"], 'expected "on" or "off"')
    .optional()
    .describe(
      "`off`: instructions are not counted, and a loop that does not end is not stopped. For modules that you trust.",
    ),
});

type GivenLimits = z.infer<typeof limitsSchema>;

/** Limits as a config gives them, and the others as they are without it. */
export function limitsOf(given: GivenLimits | undefined, others: GuestLimits = guestLimits()): GuestLimits {
  return {
    moduleBytesMax: given?.["module-bytes"] ?? others.moduleBytesMax,
    memoryBytesMax: given?.["memory-bytes"] ?? others.memoryBytesMax,
    tableElementsMax: given?.["table-elements"] ?? others.tableElementsMax,
    fuelPerRecord: given?.["fuel-per-record"] ?? others.fuelPerRecord,
    fuelPerSetup: given?.["fuel-per-setup"] ?? others.fuelPerSetup,
    fuel: given?.fuel === undefined ? others.fuel : given.fuel === "on",
  };
}
