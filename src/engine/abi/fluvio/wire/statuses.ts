/*
 * A transform, `init` and `look_back` return how many records they made, or 0, and below 0 what went wrong. Two statuses come
 * with an output that says more.
 */

export const initRefused = -2;
export const lookBackRefused = -99;

const ofTransform: Readonly<Record<number, string>> = {
  [-11]: "failed to decode SmartModule base input",
  [-22]: "failed to decode SmartModule record input",
  [-33]: "failed to encode SmartModule output",
  [-44]: "failed to parse SmartModule extra params",
  [-55]: "undefined right record in Join SmartModule",
};

const ofInit: Readonly<Record<number, string>> = {
  [-10]: "failed to decode SmartModule init input",
  [-11]: "failed to encode SmartModule output",
};

const ofLookBack: Readonly<Record<number, string>> = {
  [-66]: "failed to decode SmartModule look_back input",
  [-77]: "failed to decode SmartModule record input",
  [-88]: "failed to encode SmartModule output",
};

/** What Fluvio says to a status. */
export function statusText(called: "transform" | "init" | "look_back", status: number): string {
  const texts = { transform: ofTransform, init: ofInit, look_back: ofLookBack }[called];
  return `${texts[status] ?? "encountered unknown error during SmartModule processing"} (status ${status})`;
}
