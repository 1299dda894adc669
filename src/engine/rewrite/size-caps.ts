import { pageBytes } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { SizeRange, Survey } from "./survey.ts";

/** What an address of 32 bits reaches. */
const addressablePages = 65_536;

export interface SizeCaps {
  /** Of all memories of an instance together. */
  readonly memoryBytesMax: number;
  /** Of all tables of an instance together. */
  readonly tableElementsMax: number;
}

/** A size range with the maximum that it is to have. */
export interface CappedSize extends SizeRange {
  readonly max: number;
}

/**
 * The memories and tables of a module with maxima that keep to the caps, in the order in which they stand in the file.
 * A single one gets all of its cap; several share what their beginnings leave. An imported one gets its maximum too:
 * then only one that keeps to it can be given.
 * @throws MillraceError `module.memory` when the module begins with more
 */
export function capSizes({ memories, tables }: Survey, caps: SizeCaps): readonly CappedSize[] {
  const pagesMax = Math.min(Math.floor(caps.memoryBytesMax / pageBytes), addressablePages);
  const pages = sum(memories);
  if (pages > pagesMax) {
    throw new MillraceError(
      "module.memory",
      `it begins with ${pages * pageBytes} bytes of memory, and ${caps.memoryBytesMax} is the limit`,
      {
        hint: "raise `memory-bytes` under `millrace.limits` (`memoryBytesMax` of loadModule), or build it with less",
      },
    );
  }
  const elements = sum(tables);
  if (elements > caps.tableElementsMax) {
    throw new MillraceError(
      "module.memory",
      `its tables begin with ${elements} elements, and ${caps.tableElementsMax} is the limit`,
      {
        hint: "raise `table-elements` under `millrace.limits` (`tableElementsMax` of loadModule), or build it with less",
      },
    );
  }
  const capped = [...cap(memories, pagesMax - pages), ...cap(tables, caps.tableElementsMax - elements)];
  return capped.sort((left, right) => left.at - right.at);
}

function sum(sizes: readonly SizeRange[]): number {
  return sizes.reduce((total, { min }) => total + min, 0);
}

function cap(sizes: readonly SizeRange[], left: number): CappedSize[] {
  const share = Math.floor(left / sizes.length);
  return sizes.map((size) => ({
    ...size,
    max: Math.min(size.max ?? Number.POSITIVE_INFINITY, size.min + share),
  }));
}

/** Writes a part of a section with the sizes in it as they are to be. */
export function writeCapped(
  out: ByteWriter,
  { at, end }: { readonly at: number; readonly end: number },
  sizes: readonly CappedSize[],
): void {
  let from = at;
  for (const size of sizes) {
    if (size.at < at || size.at >= end) continue;
    out.copy(from, size.at);
    out.byte(size.isShared ? 3 : 1);
    out.unsigned(size.min);
    out.unsigned(size.max);
    from = size.end;
  }
  out.copy(from, end);
}
