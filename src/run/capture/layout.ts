/*
 * A capture: the batches of a run as they were before and after each step, and all that it takes to do it again.
 * Little-endian; everything stands at a multiple of 8, so that a frame is viewed where it was read.
 *
 *   file      | "MRCAP" 0x0D 0x0A 0x1A | entry | entry | … | entry |
 *
 *   entry         +0              +4              +8              +12
 *             0  | entryBytes u32 | envelopeBytes | frames u32    | checksum u32  |
 *            16  | envelope: one MessagePack map, then 0 up to a multiple of 8
 *                | frame | frame | …                     each as drawn in src/record/layout.ts, byte for byte
 *
 * `entryBytes` counts all of the entry, and the checksum is the CRC-32 of what stands behind it in the entry. `kind` in the
 * envelope says what the entry is:
 *
 *   head        the first one: version of the format, the config, the steps with their modules' hashes, the world, the mask
 *   look-back   one frame of earlier records that a step was shown before its first batch
 *   batch       one frame for each state of the batch, from that before the first step on; where a step changed nothing, its
 *               frame after is its frame before, by number
 *   end         the last one: how much was captured. Without it the capture was cut off, and what is there is whole
 *
 * A version adds keys to envelopes and kinds of entries; a reader passes over what it does not know. What an older reader would
 * get wrong raises the number in the head.
 */

/** "MRCAP", then what a transfer as text would damage. */
export const fileMark = Uint8Array.of(0x4d, 0x52, 0x43, 0x41, 0x50, 0x0d, 0x0a, 0x1a);
export const captureVersion = 1;
export const entryHeaderBytes = 16;

/** Positions of an entry's fields, counted in 32-bit words. */
export const field = { entryBytes: 0, envelopeBytes: 1, frames: 2, checksum: 3 } as const;

/** What became of a record in one step, as one byte each. */
export const became = { kept: 1, dropped: 2, replaced: 3, expanded: 4, failed: 5 } as const;

export type Became = keyof typeof became;

const names = new Map(Object.entries(became).map(([name, code]) => [code as number, name as Became]));

/** The name of a code; undefined for what is none. */
export function becameOf(code: number | undefined): Became | undefined {
  return code === undefined ? undefined : names.get(code);
}
