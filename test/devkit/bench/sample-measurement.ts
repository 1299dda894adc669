import type { Figures, MeasuredCase, Measurement } from "../../../src/devkit/index.ts";

/** A measurement as `measure` gives it, made up, with modules whose names are as bad as names can be. */
export function sampleMeasurement(names: readonly string[], batchSizes = [1, 10, 100, 1000]): Measurement {
  return {
    machine: {
      node: "v20.0.0",
      v8: "11.3",
      platform: "linux x64",
      processor: "a processor <fast>",
      cores: 2,
    },
    modules: names.map((name, index) => ({
      name,
      file: name,
      sha256: String(index).repeat(64),
      bytes: 37_500,
      abi: "packed",
      kind: "filter",
      parameters: { field: "level" },
      fuel: true,
    })),
    cases: batchSizes.map((batchRecords) => caseOf(batchRecords, names.length)),
    stopped: false,
  };
}

function caseOf(batchRecords: number, modules: number): MeasuredCase {
  return {
    batchRecords,
    valueBytes: 214,
    rounds: 20,
    batchesPerRound: 100,
    figures: Array.from({ length: modules }, (_, index) => figuresOf(batchRecords, 1 + index / 5)),
    noise: { ratio: 1.002, low: 0.99, high: 1.012 },
    noiseFloor: 0.012,
    comparisons: Array.from({ length: modules - 1 }, (_, index) => ({
      module: index + 1,
      ratio: 0.83,
      low: 0.81,
      high: 0.85,
      pValue: 0.0002,
      verdict: "slower",
    })),
  };
}

function figuresOf(batchRecords: number, slower: number): Figures {
  const ns = (2000 / batchRecords + 80) * slower;
  const around = (median: number): { low: number; median: number; high: number } => ({
    low: median * 0.95,
    median,
    high: median * 1.08,
  });
  const ms = (ns * batchRecords) / 1e6;
  const shares = [0, 0.1, 0.5, 0.9, 0.99, 0.999, 1];
  return {
    recordsPerSecond: around(1e9 / ns),
    megabytesPerSecond: around((214 * 1000) / ns),
    nsPerRecord: around(ns),
    hostNsPerRecord: around(ns * 0.3),
    guestNsPerRecord: around(ns * 0.7),
    partsToWhole: 1.01,
    batchMs: { p50: ms, p99: ms * 2, p999: ms * 6, max: ms * 20 },
    batchQuantiles: shares.map((share) => ({ share, ms: ms * (0.9 + 10 * share ** 40) })),
    firstBatchMs: around(ms * 3),
    instantiateMs: around(0.4),
    cold: { compileMs: 20, instantiateMs: 0.5, firstBatchMs: ms * 8 },
    fuelPerRecord: 1556,
    copiesPerRecord: 1.08,
    guestMemoryBytes: 1_179_648,
    memory: Array.from({ length: 20 }, (_, point) => ({
      records: point * 50_000,
      guestBytes: point === 0 ? 65_536 : 1_179_648,
      processBytes: 90_000_000 + point * 100_000,
    })),
    outcome: { records: 1000, kept: 200, replaced: 0, expanded: 0, dropped: 800, failed: 0, renewals: 0 },
  };
}
