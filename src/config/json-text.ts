import type { ConfigNode, ScalarNode } from "./yaml/node.ts";

/** Compact JSON with sorted keys, byte for byte what Fluvio hands to a module for the same YAML. */
export function jsonOf(node: ConfigNode): string {
  if (node.kind === "list") return `[${node.items.map(jsonOf).join(",")}]`;
  if (node.kind === "scalar") return scalarJson(node);
  const pairs = [...node.entries]
    .toSorted(([left], [right]) => compareCodePoints(left, right))
    .map(([key, { value }]) => `${JSON.stringify(key)}:${jsonOf(value)}`);
  return `{${pairs.join(",")}}`;
}

function scalarJson({ value }: ScalarNode): string {
  if (typeof value === "bigint") return String(value);
  return typeof value === "number" ? floatJson(value) : JSON.stringify(value);
}

/**
 * A float keeps its point, so that a module can tell `1.0` from `1`; infinities and NaN have no JSON and become null.
 */
function floatJson(value: number): string {
  if (!Number.isFinite(value)) return "null";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [mantissa = "0", exponentText = "0"] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const exponent = Number(exponentText);
  if (exponent >= 16 || exponent < -5) return `${sign}${mantissa}e${exponent}`;
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

/** Rust sorts texts by their bytes, which is the order of code points and not that of UTF-16. */
function compareCodePoints(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = (a[index]?.codePointAt(0) ?? 0) - (b[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
