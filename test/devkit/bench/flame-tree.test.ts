import { expect, test } from "vitest";
import {
  type CpuProfile,
  type ProfileNode,
  withNames,
} from "../../../src/devkit/bench/profile/cpu-profile.ts";
import { flameTree, hottest } from "../../../src/devkit/bench/profile/flame-tree.ts";

function node(id: number, functionName: string, url: string, children: readonly number[] = []): ProfileNode {
  return { id, callFrame: { functionName, scriptId: "1", url, lineNumber: 0, columnNumber: 0 }, children };
}

/** `work` is called from two places; below it `process` calls the module, which calls itself. */
const profile: CpuProfile = {
  nodes: [
    node(1, "(root)", "", [2, 3, 9]),
    node(2, "work", "file:///bench.js", [4]),
    node(3, "other", "file:///bench.js", [7]),
    node(4, "process", "file:///chain.js", [5]),
    node(5, "wasm-function[3]", "wasm://wasm/1", [6]),
    node(6, "wasm-function[3]", "wasm://wasm/1"),
    node(7, "work", "file:///bench.js", [8]),
    node(8, "process", "file:///chain.js"),
    node(9, "(garbage collector)", ""),
  ],
  startTime: 0,
  endTime: 9000,
  samples: [4, 5, 6, 8, 9, 2],
  timeDeltas: [1000, 2000, 3000, 500, 7000, 250],
};

test("a flame tree has what was called below a function, merged by name, with its time", () => {
  const tree = flameTree(withNames(profile, new Map([[3, "keep"]])), "work");
  const keep = { name: "keep", owner: "module", totalMs: 3, selfMs: 3, children: [] };
  expect(tree).toEqual({
    name: "all batches",
    owner: "host",
    totalMs: 6.75,
    selfMs: 0.25,
    children: [
      {
        name: "process",
        owner: "host",
        totalMs: 6.5,
        selfMs: 1.5,
        children: [{ name: "keep", owner: "module", totalMs: 5, selfMs: 2, children: [keep] }],
      },
    ],
  });
});

test("the hottest functions are those with most time of their own; one that calls itself counts once", () => {
  const tree = flameTree(withNames(profile, new Map([[3, "keep"]])), "work");
  expect(hottest(tree, 2)).toEqual([
    { name: "keep", owner: "module", selfMs: 5, totalMs: 5 },
    { name: "process", owner: "host", selfMs: 1.5, totalMs: 6.5 },
  ]);
});

test("functions without a name keep their number", () => {
  const { nodes } = withNames(profile, new Map());
  expect(nodes[4]?.callFrame.functionName).toBe("wasm-function[3]");
});
