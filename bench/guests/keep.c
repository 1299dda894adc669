/* A filter that keeps every record without looking at it: what is left is the cost of the host. */
#include "packed.h"

EXPORT(millrace_filter) u32 millrace_filter(u32 first) {
  const u32 *frame = (const u32 *)CONTROL[INPUT_AT];
  u8 *verdicts = (u8 *)CONTROL[VERDICTS_AT];
  u32 count = frame[FRAME_COUNT];
  for (u32 i = first; i < count; i++) {
    verdicts[i] = KEPT;
    CONTROL[CURSOR] = i + 1;
  }
  return count;
}
