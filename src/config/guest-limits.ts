import { z } from "zod";
import { type GuestLimits, guestLimits } from "../engine/index.ts";
import type { Isolation } from "./plan.ts";
import type { Report } from "./report.ts";
import { countUpTo, durationUpTo, sizeUpTo } from "./schema/scalars.ts";
import { formatPath, locate, locateKey, type MapNode, type Path } from "./yaml/node.ts";

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
  deadline: durationUpTo("deadlineMs", 1)
    .optional()
    .describe(
      "How long the module may work on one batch, and on a call for no batch such as init. When it takes longer, its thread is " +
        "ended and the records go in again one by one; one for which it takes that long alone has failed. With " +
        "`isolation: inline` nobody can end it, and this has no effect.",
    ),
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
    .describe(
      "What a module may make of all records of a batch together; a record whose output does not fit any more is failed.",
    ),
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

/** Says of a deadline that nothing can hold it. @param path of what has the limits */
export function warnOfDeadline(root: MapNode, path: Path, isolation: Isolation, report: Report): void {
  const key = [...path, "limits", "deadline"];
  if (isolation !== "inline" || locate(root, key).node === undefined) return;
  report.warn(
    locateKey(root, key),
    `${formatPath(key)} has no effect with \`isolation: inline\`: only a thread can be ended, and there is none; fuel is what ` +
      "stops a module there",
  );
}

type GivenLimits = z.infer<typeof limitsSchema>;

/** Limits as a config gives them, and the others as they are without it. */
export function limitsOf(given: GivenLimits | undefined, others: GuestLimits = guestLimits()): GuestLimits {
  return {
    moduleBytesMax: given?.["module-bytes"] ?? others.moduleBytesMax,
    memoryBytesMax: given?.["memory-bytes"] ?? others.memoryBytesMax,
    tableElementsMax: given?.["table-elements"] ?? others.tableElementsMax,
    fuelPerRecord: given?.["fuel-per-record"] ?? others.fuelPerRecord,
    fuelPerSetup: given?.["fuel-per-setup"] ?? others.fuelPerSetup,
    deadlineMs: given?.deadline ?? others.deadlineMs,
    fuel: given?.fuel === undefined ? others.fuel : given.fuel === "on",
    recordOutputBytesMax: given?.["output-bytes-per-record"] ?? others.recordOutputBytesMax,
    batchOutputBytesMax: given?.["output-bytes-per-batch"] ?? others.batchOutputBytesMax,
    recordExpansionMax: given?.["output-records-per-record"] ?? others.recordExpansionMax,
    logLinesMax: given?.["log-lines-per-batch"] ?? others.logLinesMax,
    logBytesMax: given?.["log-bytes-per-batch"] ?? others.logBytesMax,
  };
}
