import { recordArena } from "../memory/arena";
import { Slice } from "../text/slice";
import { blockBytes, hashBytesCount, Sha256 } from "./sha256";

/**
 * SHA-256 with a key (HMAC, RFC 2104): without the key nobody can try out which text a hash was made of. Make it once, in `init`; the key
 * is worked into it then, and each hash costs two blocks beside the bytes themselves.
 */
export class HmacSha256 {
  private inner: Sha256 = new Sha256();
  private outer: Sha256 = new Sha256();
  private hash: Sha256 = new Sha256();

  constructor(key: Slice) {
    const block = new StaticArray<u8>(<i32>blockBytes);
    const at = changetype<usize>(block);
    if (<usize>key.length > blockBytes) {
      this.hash.update(key);
      this.hash.digestTo(at);
    } else memory.copy(at, key.at, key.length);
    for (let i: usize = 0; i < blockBytes; i++) store<u8>(at + i, load<u8>(at + i) ^ 0x36);
    this.inner.updateAt(at, blockBytes);
    for (let i: usize = 0; i < blockBytes; i++) store<u8>(at + i, load<u8>(at + i) ^ 0x36 ^ 0x5c);
    this.outer.updateAt(at, blockBytes);
  }

  /** The 32 bytes of the keyed hash, good until your function returns. */
  sign(bytes: Slice): Slice {
    const to = recordArena.take(hashBytesCount);
    this.hash.copy(this.inner);
    this.hash.update(bytes);
    this.hash.digestTo(to);
    this.hash.copy(this.outer);
    this.hash.updateAt(to, hashBytesCount);
    this.hash.digestTo(to);
    return Slice.at(to, <i32>hashBytesCount);
  }
}
