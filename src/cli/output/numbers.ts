const byteUnits = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** A count with its thousands apart: `1,234,567`. */
export function formatCount(count: number): string {
  // Intl could do it, and would take a tenth of the time that a short call takes in all.
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A size in decimal units, as configs have them: `12.3 MB`, `999 B`. */
export function formatBytes(byteCount: number): string {
  let value = byteCount;
  let unit = 0;
  // What would be rounded up to 1000 is one of the next unit.
  while (value >= (unit === 0 ? 1000 : 999.95) && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${byteUnits[unit]}`;
}

/** A duration as people say it: `850 ms`, `1.2 s`, `3 min 05 s`, `2 h 07 min`. */
export function formatDuration(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  const minutes = Math.round(ms / 60_000);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** Records for each second of a duration, or undefined where the duration is too short to tell. */
export function perSecond(count: number, durationMs: number): number | undefined {
  return durationMs > 0 ? (count * 1000) / durationMs : undefined;
}

/** A rate in records per second, and a dash where it is not known. */
export function formatRate(rate: number | undefined): string {
  return rate === undefined ? "-" : formatCount(rate);
}

/** `1 record`, `2 records`. */
export function plural(count: number, singular: string, several = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : several}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
