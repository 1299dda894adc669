import { errno } from "./errno.ts";
import type { World } from "./world.ts";

/*
 * poll_oneoff: a subscription of 48 bytes and an event of 32
 *
 *   subscription   | userdata u64 | tag u8 at 8 | clock: id u32 at 16, timeout ns u64 at 24, precision u64, flags u16 at 40 |
 *   event          | userdata u64 | errno u16 at 8 | type u8 at 10 | zeros |
 *
 * Tag 0 is a clock; flag 1 says that the timeout is a time and not a span.
 */
const subscriptionBytes = 48;
const eventBytes = 32;
const clockTag = 0;
const absoluteFlag = 1;
const nsPerMs = 1_000_000;

/**
 * Answers subscriptions to clocks, at once: nobody waits for a module that sleeps, and for it the time is over. Others are
 * to descriptors, of which there are none.
 */
export function pollOneoff(
  view: DataView,
  world: World,
  inAt: number,
  outAt: number,
  count: number,
  eventsAt: number,
): number {
  if (count === 0) return errno.inval;
  if (
    inAt + count * subscriptionBytes > view.byteLength ||
    outAt + count * eventBytes > view.byteLength ||
    eventsAt + 4 > view.byteLength
  ) {
    return errno.fault;
  }
  let leastMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const at = inAt + i * subscriptionBytes;
    const tag = view.getUint8(at + 8);
    const userdata = view.getBigUint64(at, true);
    if (tag === clockTag) leastMs = Math.min(leastMs, waitMs(view, at, world));
    const to = outAt + i * eventBytes;
    for (let word = 0; word < eventBytes; word += 8) view.setBigUint64(to + word, 0n, true);
    view.setBigUint64(to, userdata, true);
    view.setUint16(to + 8, tag === clockTag ? errno.success : errno.badf, true);
    view.setUint8(to + 10, tag);
  }
  if (leastMs > 0 && leastMs < Number.POSITIVE_INFINITY) world.skip(leastMs);
  view.setUint32(eventsAt, count, true);
  return errno.success;
}

function waitMs(view: DataView, at: number, world: World): number {
  const timeoutMs = Number(view.getBigUint64(at + 24, true)) / nsPerMs;
  const isAbsolute = (view.getUint16(at + 40, true) & absoluteFlag) !== 0;
  if (!isAbsolute) return timeoutMs;
  const now = view.getUint32(at + 16, true) === 0 ? world.now() : world.monotonic();
  return timeoutMs - now;
}
