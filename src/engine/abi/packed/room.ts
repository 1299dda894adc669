import { pageBytes } from "../../../base/index.ts";
import { region } from "./layout.ts";

export type RegionName = keyof typeof region;
export const regionNames = Object.keys(region) as readonly RegionName[];

export interface Region {
  at: number;
  bytes: number;
}

/** The regions of a guest, and what the answer region has room for. */
export interface Room {
  readonly regions: Readonly<Record<RegionName, Readonly<Region>>>;
  readonly answerRoom: number;
  readonly columnRoom: number;
}

/** How large a new guest's regions should be, as far as others before it have shown. */
export class RoomWanted {
  readonly bytes: Record<RegionName, number> = { input: 0, answer: 0, output: 0, accumulator: 0 };

  /** What is larger than before may become somewhat larger still: parts of batches are never quite the same. */
  learn({ regions }: Room): void {
    for (const name of regionNames) {
      const { bytes } = regions[name];
      if (bytes > this.bytes[name]) this.bytes[name] = Math.ceil((bytes * 1.25) / pageBytes) * pageBytes;
    }
  }
}
