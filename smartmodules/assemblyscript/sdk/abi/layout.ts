/*
 * The packed ABI, version 1, as the module sees it. The host's side of it is src/engine/abi/packed/layout.ts and
 * src/record/layout.ts, where it is drawn and explained.
 */

/** Bytes of the control block. */
export const controlBytes: i32 = 96;

/* Places in the control block, in bytes. */
export const flagsPlace: usize = 0;
export const cursorPlace: usize = 4;
export const inputAtPlace: usize = 8;
export const inputBytesPlace: usize = 12;
export const verdictsAtPlace: usize = 16;
export const valuesAtPlace: usize = 20;
export const keysAtPlace: usize = 24;
export const timestampsAtPlace: usize = 28;
export const headersAtPlace: usize = 32;
export const outputAtPlace: usize = 36;
export const outputBytesPlace: usize = 40;
export const errorAtPlace: usize = 44;
export const errorBytesPlace: usize = 48;
export const sourcesAtPlace: usize = 52;
export const changesAtPlace: usize = 56;
export const emittedMaxPlace: usize = 60;
export const emittedPlace: usize = 64;
export const accumulatorAtPlace: usize = 68;
export const accumulatorBytesPlace: usize = 72;
export const lookBackAtPlace: usize = 76;
export const lookBackBytesPlace: usize = 80;
export const logAtPlace: usize = 84;
export const logBytesPlace: usize = 88;
export const logLostPlace: usize = 92;

/** The module keeps something from one record to a later one. */
export const statefulFlag: u32 = 1;

/* Regions, as `millrace_reserve` numbers them: input, answer, output, accumulator. */
export const regionCount: u32 = 4;

/* Places in a frame's header, in bytes. */
export const frameCountPlace: usize = 8;
export const frameValuesPlace: usize = 16;
export const frameKeysPlace: usize = 20;
export const frameTimestampsPlace: usize = 24;
export const frameOffsetsPlace: usize = 28;
export const frameHeadersPlace: usize = 32;
export const frameBaseOffsetPlace: usize = 48;
export const frameBaseTimestampPlace: usize = 56;

/** Length of a key span that says "no key". */
export const absent: u32 = 0xffffffff;

/* Verdicts. */
export const kept: u32 = 1;
export const dropped: u32 = 2;
export const replaced: u32 = 3;
export const expanded: u32 = 4;
export const failed: u32 = 5;

/* What a replaced record sets. */
export const valueChanged: u32 = 0x10;
export const keyChanged: u32 = 0x20;
export const timestampChanged: u32 = 0x40;
export const headersChanged: u32 = 0x80;

/* Places in a parameter block and in each of its entries, in bytes. */
export const parametersPlace: usize = 8;
export const parameterBytes: usize = 16;
