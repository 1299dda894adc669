import type { GuestLimits } from "../guest-limits.ts";

/** A record counts once more for each of these many bytes of its batch, so that large records get more. */
const recordBytes = 4096;

/** What the records of a batch give, in units of fuel. */
export function fuelOfBatch({ fuelPerRecord }: GuestLimits, recordCount: number, byteCount: number): number {
  const shares = recordCount + Math.floor(byteCount / recordBytes);
  return Math.min(fuelPerRecord * shares, Number.MAX_SAFE_INTEGER);
}
