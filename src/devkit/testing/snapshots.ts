import { readFile, writeFile } from "node:fs/promises";
import { MillraceError, messageOf, type Where } from "../../errors.ts";
import type { TrialRecord, TrialResult } from "../trial/index.ts";
import { diffOfJson, prettyJson } from "./diff.ts";
import type { CaseReport, Finding } from "./report.ts";
import { strictText } from "./shown.ts";

/** What is done about snapshots that are not there, or not as they were: `new` writes those that are not there. */
export type SnapshotMode = "new" | "all" | "none";

/** Snapshots of one test file, in a file beside it. */
export class Snapshots {
  readonly file: string;
  readonly #mode: SnapshotMode;
  readonly #kept: Map<string, unknown>;
  readonly #used = new Set<string>();
  #isChanged = false;

  private constructor(file: string, mode: SnapshotMode, kept: Map<string, unknown>) {
    this.file = file;
    this.#mode = mode;
    this.#kept = kept;
  }

  /** @throws MillraceError `config.syntax` */
  static async open(testFile: string, mode: SnapshotMode): Promise<Snapshots> {
    const file = `${testFile.replace(/\.ya?ml$/, "")}.snapshots.json`;
    const text = await readFile(file, "utf8").catch(() => "{}");
    try {
      return new Snapshots(file, mode, new Map(Object.entries(JSON.parse(text) as object)));
    } catch (error) {
      throw new MillraceError("config.syntax", `the snapshots are not JSON: ${messageOf(error)}`, {
        where: { file },
        hint: "delete the file, and write it anew with -u",
        cause: error,
      });
    }
  }

  /**
   * Compares what came out with what is kept for a test.
   * @param isRight whether all else that it expects holds: what is wrong is not kept as what is right
   */
  check(
    name: string,
    result: TrialResult,
    where: Where,
    isRight: boolean,
  ): { readonly state: NonNullable<CaseReport["snapshot"]>; readonly findings: readonly Finding[] } {
    this.#used.add(name);
    const now = snapshotOf(result);
    const isKept = this.#kept.has(name);
    const before = this.#kept.get(name);
    if (isKept && prettyJson(before) === prettyJson(now)) return { state: "same", findings: [] };
    if (isRight && (this.#mode === "all" || (this.#mode === "new" && !isKept))) {
      this.#kept.set(name, now);
      this.#isChanged = true;
      return { state: isKept ? "updated" : "written", findings: [] };
    }
    const because = isRight
      ? "here; run millrace test where CI is not set, and commit what it writes"
      : "of a test that fails";
    const message = isKept
      ? "what comes out is not what the snapshot has; -u takes it anew"
      : `there is no snapshot, and none is written ${because}`;
    const diff = isKept ? diffOfJson(before, now) : [];
    return { state: isKept ? "other" : "missing", findings: [{ where, message, diff }] };
  }

  /**
   * Writes what has changed. Snapshots of tests that are no more go when all are written.
   * @param isWhole whether all tests of the file have run
   * @throws MillraceError `file.unwritable`
   */
  async close(isWhole: boolean): Promise<void> {
    const gone = [...this.#kept.keys()].filter((name) => !this.#used.has(name));
    if (this.#mode === "all" && isWhole) for (const name of gone) this.#isChanged = this.#kept.delete(name);
    if (!this.#isChanged) return;
    const sorted = [...this.#kept].toSorted(([left], [right]) => (left < right ? -1 : 1));
    try {
      await writeFile(this.file, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
    } catch (error) {
      throw new MillraceError("file.unwritable", `the snapshots cannot be written: ${messageOf(error)}`, {
        where: { file: this.file },
        cause: error,
      });
    }
  }
}

/** What is kept of a result: all that a pipeline would see of it, and nothing that differs from run to run. */
function snapshotOf({ outcomes }: TrialResult): unknown {
  return outcomes.map(({ fate, output, failures }) => ({
    fate,
    ...(output.length === 0 ? {} : { output: output.map(kept) }),
    ...(failures.length === 0 ? {} : { errors: failures.map(({ code, message }) => ({ code, message })) }),
  }));
}

function kept({ value, key, timestamp, headers }: TrialRecord): unknown {
  return {
    ...(key === undefined ? {} : { key: bytesOf(key) }),
    value: bytesOf(value),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(headers.length === 0 ? {} : { headers: headers.map((each) => [each.name, bytesOf(each.value)]) }),
  };
}

function bytesOf(bytes: Uint8Array): unknown {
  return strictText(bytes) ?? { base64: Buffer.from(bytes).toString("base64") };
}
