import { recordArena } from "../memory/arena";
import { Slice } from "../text/slice";

/** Bytes of a hash. */
export const hashBytesCount: usize = 32;
/** Bytes that are worked on at a time. */
export const blockBytes: usize = 64;

// The first 32 bits of the fractions of the cube roots of the first 64 primes.
// @ts-ignore: decorator
@lazy
const constants = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
  0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
  0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
  0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
  0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
  0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

/** The words of the block in hand, and what they are extended to. */
// @ts-ignore: decorator
@lazy
const schedule = memory.data(256, 16);

/** The SHA-256 of some bytes: 32 bytes, which are good until your function returns. */
export function sha256(bytes: Slice): Slice {
  const hash = new Sha256();
  hash.update(bytes);
  return hash.digest();
}

/** SHA-256 of bytes that come piece by piece. Make it once; `reset` makes it ready for the next ones. */
export class Sha256 {
  private a: u32 = 0;
  private b: u32 = 0;
  private c: u32 = 0;
  private d: u32 = 0;
  private e: u32 = 0;
  private f: u32 = 0;
  private g: u32 = 0;
  private h: u32 = 0;
  private length: u64 = 0;
  /** The bytes of a block that is not full yet. */
  private block: StaticArray<u8> = new StaticArray<u8>(<i32>blockBytes);

  constructor() {
    this.reset();
  }

  reset(): void {
    this.a = 0x6a09e667;
    this.b = 0xbb67ae85;
    this.c = 0x3c6ef372;
    this.d = 0xa54ff53a;
    this.e = 0x510e527f;
    this.f = 0x9b05688c;
    this.g = 0x1f83d9ab;
    this.h = 0x5be0cd19;
    this.length = 0;
  }

  /** Goes on where another hash stands. */
  copy(other: Sha256): void {
    this.a = other.a;
    this.b = other.b;
    this.c = other.c;
    this.d = other.d;
    this.e = other.e;
    this.f = other.f;
    this.g = other.g;
    this.h = other.h;
    this.length = other.length;
    memory.copy(changetype<usize>(this.block), changetype<usize>(other.block), blockBytes);
  }

  update(bytes: Slice): void {
    this.updateAt(bytes.at, bytes.length);
  }

  updateAt(at: usize, length: usize): void {
    const end = at + length;
    const block = changetype<usize>(this.block);
    const used = <usize>this.length & (blockBytes - 1);
    this.length += length;
    if (used != 0) {
      const more = min(blockBytes - used, length);
      memory.copy(block + used, at, more);
      if (used + more < blockBytes) return;
      this.compress(block);
      at += more;
    }
    for (; at + blockBytes <= end; at += blockBytes) this.compress(at);
    memory.copy(block, at, end - at);
  }

  /** The 32 bytes of the hash, good until your function returns. `reset` before the next use. */
  digest(): Slice {
    const to = recordArena.take(hashBytesCount);
    this.digestTo(to);
    return Slice.at(to, <i32>hashBytesCount);
  }

  digestTo(to: usize): void {
    const block = changetype<usize>(this.block);
    const used = <usize>this.length & (blockBytes - 1);
    store<u8>(block + used, 0x80);
    memory.fill(block + used + 1, 0, blockBytes - 1 - used);
    if (used + 9 > blockBytes) {
      this.compress(block);
      memory.fill(block, 0, blockBytes);
    }
    store<u64>(block + blockBytes - 8, bswap<u64>(this.length << 3));
    this.compress(block);
    store<u32>(to, bswap<u32>(this.a));
    store<u32>(to, bswap<u32>(this.b), 4);
    store<u32>(to, bswap<u32>(this.c), 8);
    store<u32>(to, bswap<u32>(this.d), 12);
    store<u32>(to, bswap<u32>(this.e), 16);
    store<u32>(to, bswap<u32>(this.f), 20);
    store<u32>(to, bswap<u32>(this.g), 24);
    store<u32>(to, bswap<u32>(this.h), 28);
  }

  private compress(at: usize): void {
    extend(at);
    let a = this.a;
    let b = this.b;
    let c = this.c;
    let d = this.d;
    let e = this.e;
    let f = this.f;
    let g = this.g;
    let h = this.h;
    for (let i: usize = 0; i < 256; i += 4) {
      const sum1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
      const next = h + sum1 + (g ^ (e & (f ^ g))) + load<u32>(constants + i) + load<u32>(schedule + i);
      const sum0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
      const majority = (a & b) | (c & (a | b));
      h = g;
      g = f;
      f = e;
      e = d + next;
      d = c;
      c = b;
      b = a;
      a = next + sum0 + majority;
    }
    this.a += a;
    this.b += b;
    this.c += c;
    this.d += d;
    this.e += e;
    this.f += f;
    this.g += g;
    this.h += h;
  }
}

/** Makes 64 words of the 16 of a block, which are big-endian. */
function extend(at: usize): void {
  for (let i: usize = 0; i < 64; i += 16) {
    const words = v128.load(at + i);
    v128.store(schedule + i, i8x16.shuffle(words, words, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
  }
  for (let i: usize = 0; i < 192; i += 4) {
    const early = load<u32>(schedule + i, 4);
    const late = load<u32>(schedule + i, 56);
    const sigma0 = rotr<u32>(early, 7) ^ rotr<u32>(early, 18) ^ (early >> 3);
    const sigma1 = rotr<u32>(late, 17) ^ rotr<u32>(late, 19) ^ (late >> 10);
    store<u32>(schedule + i, load<u32>(schedule + i) + sigma0 + load<u32>(schedule + i, 36) + sigma1, 64);
  }
}
