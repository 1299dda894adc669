/** A profile of V8, as its developer tools read it. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  readonly endTime: number;
  /** Ids of nodes, and microseconds before each of them. */
  readonly samples?: readonly number[] | undefined;
  readonly timeDeltas?: readonly number[] | undefined;
}

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly scriptId: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly hitCount?: number | undefined;
  readonly children?: readonly number[] | undefined;
}

const unnamed = /^wasm-function\[(\d+)\]$/;

/** The profile with the names of a module's exports in the place of numbers, where it has no other names. */
export function withNames(profile: CpuProfile, names: ReadonlyMap<number, string>): CpuProfile {
  const nodes = profile.nodes.map((node) => {
    const [, index] = unnamed.exec(node.callFrame.functionName) ?? [];
    const name = index === undefined ? undefined : names.get(Number(index));
    return name === undefined ? node : { ...node, callFrame: { ...node.callFrame, functionName: name } };
  });
  return { ...profile, nodes };
}
