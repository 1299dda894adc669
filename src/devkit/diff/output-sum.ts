import { createHash } from "node:crypto";
import type { TrialRecord } from "../trial/index.ts";

const modulus = 1n << 256n;

/** What a version gave out: the same in the same order, the same in another order, or something else. */
export class OutputSum {
  /** Of the hashes of records, which does not depend on their order, and takes no more room for more of them. */
  #sum = 0n;
  readonly #inOrder = createHash("sha256");
  #digest: string | undefined;

  add(records: readonly TrialRecord[]): void {
    for (const record of records) {
      const key = recordKey(record);
      this.#inOrder.update(key);
      this.#sum = (this.#sum + BigInt(`0x${createHash("sha256").update(key).digest("hex")}`)) % modulus;
    }
  }

  /** Adds records that come of both versions at the same place: to both sums they would add the same. */
  addToBoth(other: OutputSum, records: readonly TrialRecord[]): void {
    for (const record of records) {
      const key = recordKey(record);
      this.#inOrder.update(key);
      other.#inOrder.update(key);
    }
  }

  /** Ends both. */
  compare(other: OutputSum): "same" | "other order" | "other records" {
    if (this.#end() === other.#end()) return "same";
    return this.#sum === other.#sum ? "other order" : "other records";
  }

  #end(): string {
    this.#digest ??= this.#inOrder.digest("hex");
    return this.#digest;
  }
}

/** A text that is the same for records that are the same, and for no others; it is JSON, so it ends where it ends. */
export function recordKey({ value, key, timestamp, headers }: TrialRecord): string {
  return JSON.stringify([
    latin1(value),
    key === undefined ? null : latin1(key),
    timestamp ?? null,
    headers.map((header) => [header.name, latin1(header.value)]),
  ]);
}

/** A character for each byte. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
