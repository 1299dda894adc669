import { formatCount } from "../output/index.ts";

/** Milliseconds of something short, with three digits that count: `12.3 µs`, `1.05 ms`. */
export function formatShortTime(ms: number): string {
  if (!Number.isFinite(ms)) return "-";
  if (ms >= 1000) return `${digits(ms / 1000)} s`;
  return ms >= 1 ? `${digits(ms)} ms` : ms >= 0.001 ? `${digits(ms * 1000)} µs` : `${digits(ms * 1e6)} ns`;
}

/** A number with three digits that count, and none cut off in front of the point. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) >= 99.95) return formatCount(value);
  return value.toFixed(Math.abs(value) >= 9.995 ? 1 : 2);
}

/** How far from 1 a ratio may be, in percent. */
export function formatNoise(floor: number): string {
  return Number.isFinite(floor) ? `${(floor * 100).toFixed(1)} %` : "anything";
}
