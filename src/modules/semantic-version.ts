const pattern = /^v?(\d{1,15})(?:\.(\d{1,15}))?(?:\.(\d{1,15}))?(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/**
 * A version as Fluvio takes it, written out: `0.1` is 0.1.0. Undefined for a text that is none.
 */
export function fullVersion(text: string): string | undefined {
  const [, major, minor = "0", patch = "0", before = "", build = ""] = pattern.exec(text) ?? [];
  if (major === undefined || text.length > 64) return undefined;
  return `${Number(major)}.${Number(minor)}.${Number(patch)}${before}${build}`;
}

/** Below 0 where the left version is the older one; both as `fullVersion` writes them. What follows a `+` has no order. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [partsOf(left), partsOf(right)];
  for (let index = 0; index < 3; index++) {
    const difference = (a.numbers[index] ?? 0) - (b.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  // A version is younger than what was made before it.
  if (a.before.length === 0 || b.before.length === 0) return b.before.length - a.before.length;
  for (let index = 0; index < Math.min(a.before.length, b.before.length); index++) {
    const difference = comparePart(a.before[index] ?? "", b.before[index] ?? "");
    if (difference !== 0) return difference;
  }
  return a.before.length - b.before.length;
}

function partsOf(version: string): {
  readonly numbers: readonly number[];
  readonly before: readonly string[];
} {
  const [main = "", ...rest] = version.replace(/\+.*$/, "").split("-");
  const before = rest.join("-");
  return { numbers: main.split(".").map(Number), before: before === "" ? [] : before.split(".") };
}

/** Numbers come before words. */
function comparePart(left: string, right: string): number {
  const [isLeft, isRight] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (isLeft && isRight) return Number(left) - Number(right);
  if (isLeft !== isRight) return isLeft ? -1 : 1;
  return left === right ? 0 : left < right ? -1 : 1;
}
