import type { Caretaker } from "../../engine/index.ts";
import type { Progress } from "./progress.ts";
import type { Refusal } from "./protocol.ts";

/** Looks after a batch in one step: says which record is in hand, and keeps those back that are not to be seen again. */
export function careFor(
  refusals: readonly Refusal[],
  work: number,
  step: number,
  progress: Progress,
): Caretaker {
  const byOrigin = new Map<number, Refusal[]>();
  for (const refusal of refusals) {
    if (refusal.step !== step) continue;
    const others = byOrigin.get(refusal.origin);
    if (others === undefined) byOrigin.set(refusal.origin, [refusal]);
    else others.push(refusal);
  }
  return {
    begin: (record) => progress.begin(work, step, record),
    end: () => progress.begin(work, step),
    refusal: ({ origin, part }) => byOrigin.get(origin)?.find((refusal) => refusal.part === part),
  };
}
