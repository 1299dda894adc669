import type { Report } from "./report.ts";
import { formatPath, locate, locateKey, type MapNode, type Path, plainOf } from "./yaml/node.ts";

interface DeadKey {
  readonly path: Path;
  /** The direction in which the key is dead; absent: both. */
  readonly direction?: "inbound" | "outbound";
  readonly because: string;
  /** Whether it changes which records arrive, so that it must not be ignored. */
  readonly changesRecords?: boolean;
  /** Values that ask for what happens anyway. */
  readonly harmless?: readonly unknown[];
}

const deadKeys: readonly DeadKey[] = [
  { path: ["meta", "producer"], direction: "outbound", because: "has no effect in an outbound pipeline" },
  {
    path: ["meta", "producer", "linger"],
    direction: "inbound",
    because: "has no effect: records are stored as soon as they come",
  },
  {
    path: ["meta", "producer", "compression"],
    direction: "inbound",
    because: "has no effect: a topic keeps its records uncompressed",
    harmless: ["none"],
  },
  { path: ["meta", "consumer"], direction: "inbound", because: "has no effect in an inbound pipeline" },
  {
    path: ["meta", "consumer", "partition"],
    direction: "outbound",
    because: "has no effect: a topic has one partition, and all its records are read",
    harmless: ["all", 0, [0]],
  },
  {
    path: ["meta", "consumer", "max-bytes"],
    direction: "outbound",
    because: "has no effect: records are read in the batches in which they were stored",
  },
  {
    path: ["meta", "consumer", "offset", "flush-period"],
    direction: "outbound",
    because: "has no effect: positions are stored after each batch that the sink accepts",
  },
  { path: ["meta", "topic", "partition"], because: "has no effect: a topic has one partition" },
  { path: ["meta", "topic", "retention"], because: "has no effect: a topic keeps all its records" },
  {
    path: ["meta", "topic", "compression"],
    because: "has no effect: a topic keeps its records uncompressed",
  },
  {
    path: ["meta", "topic", "deduplication"],
    because: "is not available, and without it more records would arrive",
    changesRecords: true,
  },
];

/**
 * Speaks of keys that Fluvio heeds and that have no effect here: a warning, or a problem where other records would
 * arrive without it.
 */
export function reportDeadKeys(root: MapNode, isInbound: boolean, report: Report): void {
  const direction = isInbound ? "inbound" : "outbound";
  for (const { path, because, changesRecords, harmless = [], ...key } of deadKeys) {
    const { node } = locate(root, path);
    if (node === undefined || (key.direction ?? direction) !== direction) continue;
    const given = JSON.stringify(plainOf(node), withoutBigints);
    if (harmless.some((each) => JSON.stringify(each) === given)) continue;
    const message = `${formatPath(path)}: ${because}`;
    if (changesRecords) report.error(locateKey(root, path), message);
    else report.warn(locateKey(root, path), message);
  }
}

/** JSON has no bigints, and no harmless value is one. */
function withoutBigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
