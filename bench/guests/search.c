/* A filter that keeps records holding the bytes "level":"error", found 16 at a time. */
#include "packed.h"
#include <wasm_simd128.h>

static const u8 needle[] = "\"level\":\"error\"";
enum { NEEDLE_BYTES = sizeof(needle) - 1 };

static int equals(const u8 *at) {
  for (u32 i = 0; i < NEEDLE_BYTES; i++)
    if (at[i] != needle[i]) return 0;
  return 1;
}

static int holds(const u8 *value, u32 length) {
  if (length < NEEDLE_BYTES) return 0;
  const u8 *last = value + length - NEEDLE_BYTES;
  v128_t first_byte = wasm_i8x16_splat(needle[0]), third_byte = wasm_i8x16_splat(needle[3]);
  for (const u8 *at = value; at <= last; at += 16) {
    v128_t hit = wasm_v128_and(wasm_i8x16_eq(wasm_v128_load(at), first_byte), wasm_i8x16_eq(wasm_v128_load(at + 3), third_byte));
    u32 mask = wasm_i8x16_bitmask(hit);
    while (mask) {
      const u8 *candidate = at + __builtin_ctz(mask);
      if (candidate <= last && equals(candidate)) return 1;
      mask &= mask - 1;
    }
  }
  return 0;
}

EXPORT(millrace_filter) u32 millrace_filter(u32 first) {
  const u8 *frame = (const u8 *)CONTROL[INPUT_AT];
  const u32 *words = (const u32 *)frame;
  const u32 *values = (const u32 *)(frame + words[FRAME_VALUES_AT]);
  u8 *verdicts = (u8 *)CONTROL[VERDICTS_AT];
  u32 count = words[FRAME_COUNT];
  for (u32 i = first; i < count; i++) {
    verdicts[i] = holds(frame + values[i * 2], values[i * 2 + 1]) ? KEPT : DROPPED;
    CONTROL[CURSOR] = i + 1;
  }
  return count;
}
