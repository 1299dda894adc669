/** Milliseconds from any origin. */
export type Now = () => number;

/** A clock that counts how often it was asked, since asking takes its time, too. */
export interface CountedClock {
  readonly now: Now;
  asked: number;
}

export function countedClock(now: Now): CountedClock {
  const clock = {
    asked: 0,
    now: () => {
      clock.asked++;
      return now();
    },
  };
  return clock;
}

const triesToMeasureClock = 21;
const callsInATry = 10_000;

/** Milliseconds that asking a clock takes. */
export function clockCostMs(now: Now): number {
  const { now: counted } = countedClock(now);
  const costs: number[] = [];
  for (let i = 0; i < triesToMeasureClock; i++) {
    const start = now();
    for (let call = 0; call < callsInATry; call++) counted();
    costs.push((now() - start) / callsInATry);
  }
  // The least disturbed one: a clock is never faster than it is.
  return Math.min(...costs);
}
