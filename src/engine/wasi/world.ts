/** Time and chance as a module sees them. */
export interface World {
  /** Milliseconds since 1970, with fractions. */
  now(): number;
  /** Milliseconds from any origin, never decreasing. */
  monotonic(): number;
  fill(bytes: Uint8Array): void;
  /** Tells of a record of the batch in hand, where there is a time that is the same in each run. */
  begin(timestampMs: number): void;
  /** A module that sleeps is not waited for: for it the time is over at once. */
  skip(ms: number): void;
}

/** What the platform gives in one call. */
const randomBytesMax = 65_536;

/** The machine's clock and its random source. */
export function realWorld(): World {
  let skippedMs = 0;
  return {
    now: () => Date.now() + skippedMs,
    monotonic: () => performance.now() + skippedMs,
    fill(bytes) {
      for (let at = 0; at < bytes.length; at += randomBytesMax) {
        // A view on shared memory is refused, and a page's memory may be one.
        const part = new Uint8Array(Math.min(randomBytesMax, bytes.length - at));
        bytes.set(crypto.getRandomValues(part), at);
      }
    },
    begin: () => {},
    skip(ms) {
      skippedMs += ms;
    },
  };
}

/** What random bytes come from where each run is to be the same. */
export const worldSeed = 1;

/**
 * The same in each run: the clock shows the timestamp of the record that the batch in hand begins with, and stands still
 * but for what a module sleeps; random bytes come from a seed.
 */
export function deterministicWorld(seed = worldSeed): World {
  let ms = 0;
  let latestMs = 0;
  let state = seed >>> 0;
  return {
    now: () => ms,
    monotonic: () => latestMs,
    fill(bytes) {
      for (let i = 0; i < bytes.length; i++) {
        state = nextOf(state);
        bytes[i] = mixed(state);
      }
    },
    begin(timestampMs) {
      ms = timestampMs;
      latestMs = Math.max(latestMs, ms);
    },
    skip(lateMs) {
      ms += lateMs;
      latestMs = Math.max(latestMs, ms);
    },
  };
}

/** Weyl sequence of SplitMix32, and its mixing function: small, and good enough for hash seeds and samples. */
function nextOf(state: number): number {
  return (state + 0x9e37_79b9) >>> 0;
}

function mixed(state: number): number {
  let value = state;
  value = Math.imul(value ^ (value >>> 16), 0x21f0_aaad);
  value = Math.imul(value ^ (value >>> 15), 0x735a_2d97);
  return (value ^ (value >>> 15)) & 0xff;
}
