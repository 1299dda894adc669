import { limits } from "../../limits.ts";

/**
 * How long a server wants to be left alone, from its header `Retry-After`: seconds, or a date.
 * @param now ms since 1970
 * @returns ms from now, at most `retryAfterMsMax`; undefined where the header is absent or says nothing of the kind
 */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? "";
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : dateOf(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), limits.retryAfterMsMax.default);
}

/** Dates of HTTP begin with the name of a day, and are in GMT also where they do not say so; NaN for all others. */
function dateOf(text: string): number {
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return Number.NaN;
  return Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
}
