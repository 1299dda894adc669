import type { TrialRecord, TrialResult } from "../../devkit/trial/index.ts";

/** A record as JSON gives it: texts where they are UTF-8, base64 where they are not. */
export interface ShownRecord {
  readonly value: string;
  readonly valueEncoding: "utf-8" | "base64";
  readonly key: string | null;
  readonly timestamp: number | null;
}

/** What `test --json` gives of a test with records on the command line. */
export interface ModuleTestResult {
  /** One for each input record. */
  readonly records: readonly {
    readonly fate: string;
    readonly output: readonly ShownRecord[];
    readonly errors: readonly { readonly module: string; readonly code: string; readonly message: string }[];
  }[];
  /** Instructions that the records took. */
  readonly fuel: number;
  readonly steps: readonly {
    readonly module: string;
    readonly memoryBytesMax: number;
    readonly accumulator: string | null;
  }[];
  readonly log: readonly { readonly module: string; readonly level: string; readonly text: string }[];
}

export function moduleTestResult({ outcomes, fuel, steps, log }: TrialResult): ModuleTestResult {
  return {
    records: outcomes.map(({ fate, output, failures }) => ({
      fate,
      output: output.map(shown),
      errors: failures.map(({ module, code, message }) => ({ module, code, message })),
    })),
    fuel,
    steps: steps.map(({ module, memoryBytesMax, accumulator }) => ({
      module,
      memoryBytesMax,
      accumulator: accumulator === undefined ? null : textOf(accumulator),
    })),
    log: log.map(({ module, level, text }) => ({ module, level, text })),
  };
}

function shown({ value, key, timestamp }: TrialRecord): ShownRecord {
  const text = strictText(value);
  return {
    value: text ?? Buffer.from(value).toString("base64"),
    valueEncoding: text === undefined ? "base64" : "utf-8",
    key: key === undefined ? null : textOf(key),
    timestamp: timestamp ?? null,
  };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

function strictText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
