import { z } from "zod";
import { type GuestLimits, guestLimits } from "../engine/index.ts";
import { countUpTo, sizeUpTo } from "./schema/scalars.ts";

/** `limits:` of the section `millrace:` and of a step. */
export const limitsSchema = z.strictObject({
  "memory-bytes": sizeUpTo("memoryBytesMax")
    .optional()
    .describe("Memory of one instance of a module; growing beyond it fails as it does on a small machine."),
  "table-elements": countUpTo("tableElementsMax", { least: 0 })
    .optional()
    .describe("Elements of the tables of one instance, such as functions that are called by number."),
  "module-bytes": sizeUpTo("moduleBytesMax").optional().describe("Size of a module's file."),
  "fuel-per-record": countUpTo("fuelPerRecord", { of: "instructions" })
    .optional()
    .describe(
      "Instructions that each record gives to its batch; a record whose module needs more has failed.",
    ),
  "fuel-per-setup": countUpTo("fuelPerSetup", { of: "instructions" })
    .optional()
    .describe("Instructions of each call for no record: the start function, init, reserving memory."),
  fuel: z
    .enum(["on", "off"], 'expected "on" or "off"')
    .optional()
    .describe(
      "`off`: instructions are not counted, and a loop that does not end is not stopped. For modules that you trust.",
    ),
  "output-bytes-per-record": sizeUpTo("recordOutputBytesMax")
    .optional()
    .describe(
      "What a module may make of one record: keys, values and headers, of all records that it becomes. More fails the record.",
    ),
  "output-bytes-per-batch": sizeUpTo("outputBytesMax")
    .optional()
    .describe("What a module may make of all records of a batch together; more ends the pipeline."),
  "output-records-per-record": countUpTo("recordExpansionMax", { of: "records" })
    .optional()
    .describe("Records that an array-map may make of one; more fails the record."),
  "log-lines-per-batch": countUpTo("moduleLogLinesMax", { least: 0, of: "lines" })
    .optional()
    .describe("Lines that a module may log for a batch; what comes after them is counted and lost."),
  "log-bytes-per-batch": sizeUpTo("moduleLogBytesMax")
    .optional()
    .describe("Bytes that a module may log for a batch; what comes after them is counted and lost."),
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
    recordOutputBytesMax: given?.["output-bytes-per-record"] ?? others.recordOutputBytesMax,
    batchOutputBytesMax: given?.["output-bytes-per-batch"] ?? others.batchOutputBytesMax,
    recordExpansionMax: given?.["output-records-per-record"] ?? others.recordExpansionMax,
    logLinesMax: given?.["log-lines-per-batch"] ?? others.logLinesMax,
    logBytesMax: given?.["log-bytes-per-batch"] ?? others.logBytesMax,
  };
}
