import { Parameters } from "../parameters/parameters";

/** Milliseconds of a duration that cuts time into pieces, which must be whole and not 0; 0 when it is not set. */
export function intervalMs(parameters: Parameters, name: string): i64 {
  const ms = parameters.durationMs(name, 0);
  if (parameters.has(name) && !isNaN(ms) && (ms < 1 || ms != Math.floor(ms))) {
    parameters.refuse(`the parameter \`${name}\` must be a whole number of milliseconds, and not none, not \`${parameters.get(name)}\``);
  }
  return isNaN(ms) ? 0 : <i64>ms;
}

/** When the interval begins that a time lies in; intervals are counted from 1970 on. */
// @ts-ignore: decorator
@inline
export function intervalStart(time: i64, lengthMs: i64): i64 {
  const into = time % lengthMs;
  return into < 0 ? time - into - lengthMs : time - into;
}
