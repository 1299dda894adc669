/*
 * Breaks: the bytes that a string ends with or trips over, which are quotes, backslashes and control characters.
 *
 * Strings are most of the bytes of JSON, so 64 bytes at a time are turned into 64 bits, one for each byte that is a break. From then on a
 * string costs two steps along these bits, however long it is, and no step has to wait for the bytes of the one before. The bits
 * of an object in hand live in local variables, which means in registers; between objects they are handed over in global ones.
 */

/** Address of some 64 bytes, and the breaks among them that are still to come. */
export let blockAt: usize = 0;
export let blockBreaks: u64 = 0;

/** One bit for each break among 16 bytes. */
// @ts-ignore: decorator
@inline
export function breaksOf16(at: usize): u32 {
  const bytes = v128.load(at);
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c))),
      i8x16.le_u(bytes, i8x16.splat(0x1f)),
    ),
  );
}

/** The same for 64 bytes, of which those from `end` on have no bit. `at` must lie before `end`. */
// @ts-ignore: decorator
@inline
function breaksOf64(at: usize, end: usize): u64 {
  const low = breaksOf16(at) | (breaksOf16(at + 16) << 16);
  const high = breaksOf16(at + 32) | (breaksOf16(at + 48) << 16);
  const breaks = (<u64>low) | ((<u64>high) << 32);
  const left = end - at;
  return left < 64 ? breaks & ((<u64>1 << left) - 1) : breaks;
}

/** Starts with the 64 bytes from an address on. */
export function startBlock(at: usize, end: usize): void {
  blockAt = at;
  blockBreaks = at < end ? breaksOf64(at, end) : 0;
}

/** Notes the local variables for whoever goes on. */
// @ts-ignore: decorator
@inline
export function leaveBlock(base: usize, breaks: u64): void {
  blockAt = base;
  blockBreaks = breaks;
}

/** Passes over what lies before an address. */
export function moveBlock(at: usize, end: usize): void {
  blockBreaks = breaksAt(at, blockAt, blockBreaks, end);
}

/** The breaks from an address on, given those of a block that begins before it. The address of their block is then in `blockAt`. */
export function breaksAt(at: usize, base: usize, breaks: u64, end: usize): u64 {
  if (at - base < 64) {
    blockAt = base;
    return breaks & (~(<u64>0) << (at - base));
  }
  startBlock(at, end);
  return blockBreaks;
}

/** The breaks of the next 64 bytes that have any, whose address is then in `blockAt`; 0 when there are none before the end. */
export function nextBreaks(at: usize, end: usize): u64 {
  let breaks: u64 = 0;
  do {
    at += 64;
    if (at >= end) break;
    breaks = breaksOf64(at, end);
  } while (breaks == 0);
  blockAt = at;
  return breaks;
}
