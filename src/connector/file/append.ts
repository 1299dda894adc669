/** The parts of a file handle that are needed to append. */
export interface Appendable {
  write(bytes: Uint8Array, from: number, length: number, position: null): Promise<{ bytesWritten: number }>;
  stat(): Promise<{ size: number }>;
  truncate(size: number): Promise<void>;
}

export interface Appended {
  /**
   * Bytes that are in the file now: all of them, or none, or some where those of a failed write could not be taken
   * back.
   */
  readonly byteCount: number;
  /** What failed a write, if one did. */
  readonly failure?: unknown;
}

/**
 * Appends bytes to a file that ends at `size`, however many calls that takes. When one of them fails, what was
 * written before is cut off again, unless somebody else has written to the file meanwhile. Never throws.
 */
export async function append(target: Appendable, bytes: Uint8Array, size: number): Promise<Appended> {
  let written = 0;
  try {
    while (written < bytes.length) {
      written += (await target.write(bytes, written, bytes.length - written, null)).bytesWritten;
    }
    return { byteCount: written };
  } catch (failure) {
    const isTakenBack = written === 0 || (await takeBack(target, size, written));
    return { byteCount: isTakenBack ? 0 : written, failure };
  }
}

async function takeBack(target: Appendable, size: number, written: number): Promise<boolean> {
  try {
    if ((await target.stat()).size !== size + written) return false;
    await target.truncate(size);
    return true;
  } catch {
    // What failed the write may well fail this too. The failure of the write is the one to report.
    return false;
  }
}
