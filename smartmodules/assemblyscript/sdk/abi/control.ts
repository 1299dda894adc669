import { slackBytes } from "../text/utf8";
import { controlBytes, cursorPlace, errorAtPlace, errorBytesPlace, flagsPlace, regionCount, statefulFlag } from "./layout";

const control = memory.data(controlBytes, 8);

/** The control block's address, which is what `millrace_packed_1` returns. */
// @ts-ignore: decorator
@inline
export function controlAt(): usize {
  return control;
}

// @ts-ignore: decorator
@inline
export function controlWord(place: usize): usize {
  return <usize>load<u32>(control + place);
}

// @ts-ignore: decorator
@inline
export function setControlWord(place: usize, value: u32): void {
  store<u32>(control + place, value);
}

// @ts-ignore: decorator
@inline
export function setCursor(index: u32): void {
  store<u32>(control + cursorPlace, index);
}

export function declareStateful(): void {
  store<u32>(control + flagsPlace, load<u32>(control + flagsPlace) | statefulFlag);
}

export function hasErrorText(): boolean {
  return load<u32>(control + errorBytesPlace) != 0;
}

/** Points the host to a text that says why this module cannot work. */
export function setErrorText(at: usize, length: usize): void {
  store<u32>(control + errorAtPlace, at);
  store<u32>(control + errorBytesPlace, length);
}

/** For each region: { at u32, bytes u32 }. */
const regions = memory.data(32, 8);

/**
 * Memory for a region, kept from call to call and made anew when it is too small. It lies outside of the collected heap, so that nothing
 * moves it or looks through it, and slack follows it, which is read but never handed out.
 */
export function reserveRegion(region: u32, bytes: u32): usize {
  if (region >= regionCount) return 0;
  const entry = regions + (<usize>region << 3);
  const present = <usize>load<u32>(entry);
  if (present != 0 && bytes <= load<u32>(entry, 4)) return present;
  if (<u64>bytes + slackBytes > <u64>i32.MAX_VALUE / 2) return 0;
  if (present != 0) heap.free(present);
  const at = heap.alloc(<usize>bytes + slackBytes);
  store<u32>(entry, at);
  store<u32>(entry, bytes, 4);
  return at;
}
