import type { CpuProfile, ProfileNode } from "./cpu-profile.ts";

/** A function as it was called by the ones above it, with the time that went there. */
export interface FlameFrame {
  readonly name: string;
  /** Whose code it is: the module's, the host's, or the platform's. */
  readonly owner: "module" | "host" | "platform";
  readonly totalMs: number;
  readonly selfMs: number;
  /** The longest first. */
  readonly children: readonly FlameFrame[];
}

interface Growing {
  readonly name: string;
  readonly owner: FlameFrame["owner"];
  selfMs: number;
  readonly children: Map<string, Growing>;
}

/**
 * What was called below a function, merged by name.
 * @param rootName the function that the picture begins with; what else was going on is left out
 */
export function flameTree(profile: CpuProfile, rootName: string): FlameFrame {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const selfMs = new Map<number, number>();
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const ms = Math.max(0, profile.timeDeltas?.[index] ?? 0) / 1000;
    selfMs.set(id, (selfMs.get(id) ?? 0) + ms);
  }
  const root: Growing = { name: "all batches", owner: "host", selfMs: 0, children: new Map() };
  const addBelow = (node: ProfileNode, into: Growing): void => {
    into.selfMs += selfMs.get(node.id) ?? 0;
    for (const id of node.children ?? []) {
      const child = nodes.get(id);
      if (child !== undefined) addBelow(child, childOf(into, child));
    }
  };
  for (const node of profile.nodes) if (node.callFrame.functionName === rootName) addBelow(node, root);
  return grown(root);
}

/** The functions that took most time themselves, wherever they were called from. */
export function hottest(tree: FlameFrame, count: number): readonly Omit<FlameFrame, "children">[] {
  const byName = new Map<
    string,
    { name: string; owner: FlameFrame["owner"]; selfMs: number; totalMs: number }
  >();
  const visit = (frame: FlameFrame, above: ReadonlySet<string>): void => {
    const key = `${frame.owner} ${frame.name}`;
    const known = byName.get(key) ?? { name: frame.name, owner: frame.owner, selfMs: 0, totalMs: 0 };
    known.selfMs += frame.selfMs;
    // One that calls itself is not counted twice.
    if (!above.has(key)) known.totalMs += frame.totalMs;
    byName.set(key, known);
    const below = new Set([...above, key]);
    for (const child of frame.children) visit(child, below);
  };
  visit(tree, new Set());
  return [...byName.values()].toSorted((a, b) => b.selfMs - a.selfMs).slice(0, count);
}

function childOf(parent: Growing, { callFrame }: ProfileNode): Growing {
  const name = callFrame.functionName || "(anonymous)";
  const owner = ownerOf(callFrame.url);
  const key = `${owner} ${name}`;
  const known = parent.children.get(key);
  if (known !== undefined) return known;
  const child: Growing = { name, owner, selfMs: 0, children: new Map() };
  parent.children.set(key, child);
  return child;
}

function ownerOf(url: string): FlameFrame["owner"] {
  if (url.startsWith("wasm:")) return "module";
  return url.startsWith("file:") ? "host" : "platform";
}

function grown({ name, owner, selfMs, children }: Growing): FlameFrame {
  const below = [...children.values()].map(grown).toSorted((a, b) => b.totalMs - a.totalMs);
  const totalMs = below.reduce((sum, child) => sum + child.totalMs, selfMs);
  return { name, owner, totalMs, selfMs, children: below };
}
