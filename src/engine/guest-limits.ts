import { limits } from "../limits.ts";

/** What bounds a module and each of its instances. */
export interface GuestLimits {
  /** Size of the module's file. */
  readonly moduleBytesMax: number;
  /** All memories of an instance together. */
  readonly memoryBytesMax: number;
  /** All tables of an instance together. */
  readonly tableElementsMax: number;
  /**
   * Fuel that a record gives to the batch that it is in; what is over from one is there for the others. Fuel is counted in
   * instructions.
   */
  readonly fuelPerRecord: number;
  /** Fuel of each call that is for no record: the start function, init, reserving memory. */
  readonly fuelPerSetup: number;
  /**
   * How long it may work on one batch, by the clock; and after a batch that took longer, on each record of it. So long it
   * may take for a call that is for no batch, too.
   */
  readonly deadlineMs: number;
  /** False: instructions are not counted and nothing stops a loop. For modules that are trusted, and to measure against. */
  readonly fuel: boolean;
  /** Bytes of keys, values and headers that may be made of one record, all that it is expanded to together. */
  readonly recordOutputBytesMax: number;
  /** The same of a batch. */
  readonly batchOutputBytesMax: number;
  /** Records that may be made of one. */
  readonly recordExpansionMax: number;
  /** What may be logged while a batch is worked on. */
  readonly logLinesMax: number;
  readonly logBytesMax: number;
}

/** The limits that are not given, as they are by default. */
export function guestLimits(given: Partial<GuestLimits> = {}): GuestLimits {
  return {
    moduleBytesMax: given.moduleBytesMax ?? limits.moduleBytesMax.default,
    memoryBytesMax: given.memoryBytesMax ?? limits.memoryBytesMax.default,
    tableElementsMax: given.tableElementsMax ?? limits.tableElementsMax.default,
    fuelPerRecord: given.fuelPerRecord ?? limits.fuelPerRecord.default,
    fuelPerSetup: given.fuelPerSetup ?? limits.fuelPerSetup.default,
    deadlineMs: given.deadlineMs ?? limits.deadlineMs.default,
    fuel: given.fuel ?? true,
    recordOutputBytesMax: given.recordOutputBytesMax ?? limits.recordOutputBytesMax.default,
    batchOutputBytesMax: given.batchOutputBytesMax ?? limits.outputBytesMax.default,
    recordExpansionMax: given.recordExpansionMax ?? limits.recordExpansionMax.default,
    logLinesMax: given.logLinesMax ?? limits.moduleLogLinesMax.default,
    logBytesMax: given.logBytesMax ?? limits.moduleLogBytesMax.default,
  };
}
