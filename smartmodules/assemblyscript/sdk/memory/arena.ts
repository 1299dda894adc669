import { slackBytes } from "../text/utf8";

const chunkBytesMin: usize = 4096;
/** Before each chunk: the address of the chunk that it replaced. */
const linkBytes: usize = 16;

/**
 * Memory that is handed out piece by piece and taken back all at once. Outgrown chunks are kept until then, so that pieces do not move;
 * the largest one stays for the next time, and after a while nothing is allocated any more.
 */
export class Arena {
  private chunkAt: usize = 0;
  private start: usize = 0;
  private position: usize = 0;
  private end: usize = 0;

  /** Address of a piece, 8-aligned, with slack after it. It is good until `reset`. */
  take(bytes: usize): usize {
    const at = (this.position + 7) & ~7;
    if (this.chunkAt == 0 || at + bytes + slackBytes > this.end) return this.grow(bytes);
    this.position = at + bytes;
    return at;
  }

  // @ts-ignore: decorator
  @inline
  reset(): void {
    if (this.position != this.start) this.clear();
  }

  private clear(): void {
    let outgrown = <usize>load<u32>(this.chunkAt);
    while (outgrown != 0) {
      const next = <usize>load<u32>(outgrown);
      heap.free(outgrown);
      outgrown = next;
    }
    store<u32>(this.chunkAt, 0);
    this.position = this.start;
  }

  private grow(bytes: usize): usize {
    const room = max(max(bytes + slackBytes + 8, chunkBytesMin), (this.end - this.chunkAt) * 2);
    const chunkAt = heap.alloc(linkBytes + room);
    store<u32>(chunkAt, this.chunkAt);
    this.chunkAt = chunkAt;
    this.end = chunkAt + linkBytes + room;
    const at = chunkAt + linkBytes;
    this.start = at;
    this.position = at + bytes;
    return at;
  }
}

/** Pieces that are good until the record in hand is complete. */
export const recordArena: Arena = new Arena();

/** Pieces that are good until the host has taken the answer of the present call. */
export const callArena: Arena = new Arena();
