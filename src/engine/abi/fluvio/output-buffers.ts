/*
 * Fluvio never frees what a module hands over, and a module never does. Its `dealloc` wants the size that was allocated, which
 * is that of a growing vector and not that of the output; with another one, the allocator of modules built today traps. The
 * allocators of Rust and of WASI's C library, both made after dlmalloc, note the size ahead of what they give:
 *
 *        at - 4                        at
 *   | size, and three bits u32 LE | output … | room … |
 *   |<----------------------- size bytes ------------>|
 *
 *   bit 1: in use        the size covers these 4 bytes too
 */

const headerBytes = 4;
const inUse = 2;
const flagBits = 7;

/** What a vector that grew to hold the output can have at most beside it: twice its size, and a chunk of the least size. */
const spareBytesMax = 64;

/** Frees outputs where the note ahead of them is one that dlmalloc would have made, and leaves them alone otherwise. */
export class OutputBuffers {
  readonly #dealloc: ((at: number, byteCount: number) => void) | undefined;
  /** True when an output was left alone. */
  leak = false;

  constructor(dealloc: ((at: number, byteCount: number) => void) | undefined) {
    this.#dealloc = dealloc;
  }

  /** @param at of an output that lies inside the memory */
  free(memory: Uint8Array, at: number, length: number): void {
    if (length === 0) return;
    const size = allocatedBytes(memory, at, length);
    if (this.#dealloc === undefined || size === undefined) this.leak = true;
    else this.#dealloc(at, size);
  }
}

/** Bytes that were allocated for an output, or undefined where nothing tells. */
function allocatedBytes(memory: Uint8Array, at: number, length: number): number | undefined {
  if (at < headerBytes || at % 8 !== 0) return undefined;
  const header =
    ((memory[at - 4] as number) |
      ((memory[at - 3] as number) << 8) |
      ((memory[at - 2] as number) << 16) |
      ((memory[at - 1] as number) << 24)) >>>
    0;
  const size = header - (header & flagBits);
  const isPlausible =
    (header & inUse) !== 0 && size >= length + headerBytes && size <= 2 * length + spareBytesMax;
  return isPlausible && at - headerBytes + size <= memory.length ? size - headerBytes : undefined;
}
