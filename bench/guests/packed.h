/*
 * The guest side of the packed ABI, as little of it as a filter needs. The whole ABI is drawn in src/engine/abi/packed/layout.ts, the frame in
 * src/record/layout.ts.
 */
#pragma once

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name)))

enum { FLAGS, CURSOR, INPUT_AT, INPUT_BYTES, VERDICTS_AT, VALUES_AT };
enum { FRAME_COUNT = 2, FRAME_VALUES_AT = 4 };
enum { KEPT = 1, DROPPED = 2 };

static u64 control_words[12];
#define CONTROL ((volatile u32 *)control_words)

EXPORT(millrace_packed_1) u32 millrace_packed_1(void) { return (u32)control_words; }

extern u8 __heap_base;
static u32 heap_end;
static u32 region_at[4], region_bytes[4];

/* Regions lie one behind another. One that grows moves to the end and leaves its old place unused: a benchmark asks for few sizes. */
EXPORT(millrace_reserve) u32 millrace_reserve(u32 region, u32 bytes) {
  if (region > 3) return 0;
  if (bytes <= region_bytes[region] && region_at[region]) return region_at[region];
  if (!heap_end) heap_end = ((u32)&__heap_base + 15) & ~15u;
  u32 at = heap_end;
  /* A vector may be read behind the last byte. */
  u32 end = (at + bytes + 31) & ~15u;
  u32 have = (u32)__builtin_wasm_memory_size(0) * 65536u;
  if (end > have && __builtin_wasm_memory_grow(0, (end - have + 65535u) / 65536u) == (__SIZE_TYPE__)-1) return 0;
  heap_end = end;
  region_at[region] = at;
  region_bytes[region] = bytes;
  return at;
}
