import type { Environment } from "../../src/topic/lmdb/environment.ts";
import type { Entry, SimulatedDisk, TableKey, Tables } from "./disk.ts";

interface Range {
  readonly start?: TableKey;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** One database of an environment, with as much of lmdb's interface as topics use, and lmdb's habits. */
class Table {
  readonly #name: string;
  readonly #environment: SimulatedEnvironment;

  constructor(name: string, environment: SimulatedEnvironment) {
    this.#name = name;
    this.#environment = environment;
  }

  get #entries(): NonNullable<ReturnType<Tables["get"]>> {
    const tables = this.#environment.tables;
    const present = tables.get(this.#name);
    if (present !== undefined) return present;
    const made = new Map();
    tables.set(this.#name, made);
    return made;
  }

  get(key: TableKey): Entry["value"] | undefined {
    return this.getEntry(key)?.value;
  }

  getEntry(key: TableKey): Entry | undefined {
    return this.#entries.get(JSON.stringify(key))?.entry;
  }

  /** A view of memory that the next read overwrites, as lmdb gives it. */
  getBinaryFast(key: TableKey): Uint8Array | undefined {
    const value = this.get(key) as Uint8Array | undefined;
    return value === undefined ? undefined : this.#environment.borrowed(value);
  }

  getKeys(range: Range): TableKey[] {
    return this.getRange(range).map(({ key }) => key);
  }

  getRange({ start, reverse = false, limit }: Range): { key: TableKey; value: Entry["value"] }[] {
    const sign = reverse ? -1 : 1;
    const found = [...this.#entries.values()]
      .filter(({ key }) => start === undefined || compare(key, start) * sign >= 0)
      .sort((a, b) => compare(a.key, b.key) * sign);
    return found.slice(0, limit).map(({ key, entry }) => ({ key, value: entry.value }));
  }

  put(key: TableKey, value: Entry["value"], version?: number): void {
    this.#environment.add(() => {
      const kept = typeof value === "string" ? value : new Uint8Array(value);
      this.#entries.set(JSON.stringify(key), { key, entry: { value: kept, version } });
    });
  }

  remove(key: TableKey): void {
    this.#environment.add(() => this.#entries.delete(JSON.stringify(key)));
  }

  ifVersion(key: TableKey, version: number, write: () => void): Promise<boolean> {
    const writes = this.#environment.collect(write);
    return this.#environment.commit(() => (this.getEntry(key)?.version === version ? writes : undefined));
  }

  batch(write: () => void): Promise<boolean> {
    const writes = this.#environment.collect(write);
    return this.#environment.commit(() => writes);
  }
}

/** The databases of a topic, as one process has them open. */
export class SimulatedEnvironment {
  readonly #disk: SimulatedDisk;
  readonly #topic: string;
  readonly #scratch = new Uint8Array(1 << 16);
  #collected: (() => void)[] | undefined;

  constructor(disk: SimulatedDisk, topic: string) {
    this.#disk = disk;
    this.#topic = topic;
  }

  get tables(): Tables {
    return this.#disk.tablesOf(this.#topic);
  }

  /** For the code that works on lmdb's own. */
  open(): Environment {
    const [frames, meta, positions, consumers, accumulators] = [
      "frames",
      "meta",
      "positions",
      "consumers",
      "accumulators",
    ].map((name) => new Table(name, this));
    if (meta?.get("format") === undefined) {
      for (const [key, value] of Object.entries({ format: "1", first: "0", next: "0" }))
        meta?.put(key, value, 0);
    }
    const root = { resetReadTxn() {}, close: async () => {} };
    return { frames, meta, positions, consumers, accumulators, root } as unknown as Environment;
  }

  /** Gathers the writes that a function makes into one transaction. */
  collect(write: () => void): readonly (() => void)[] {
    const writes: (() => void)[] = [];
    this.#collected = writes;
    write();
    this.#collected = undefined;
    return writes;
  }

  /** Outside of a transaction, which is only when the topic begins, a write is there at once. */
  add(write: () => void): void {
    if (this.#collected === undefined) write();
    else this.#collected.push(write);
  }

  commit(writes: () => readonly (() => void)[] | undefined): Promise<boolean> {
    return this.#disk.commit(this.#topic, writes);
  }

  borrowed(value: Uint8Array): Uint8Array {
    if (value.length + 1 > this.#scratch.length) return new Uint8Array(value);
    this.#scratch.fill(0xee);
    this.#scratch.set(value, 1);
    return this.#scratch.subarray(1, 1 + value.length);
  }
}

function compare(a: TableKey, b: TableKey): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [[a].flat() as string[], [b].flat() as string[]];
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (part !== other) return Buffer.compare(Buffer.from(part), Buffer.from(other));
  }
  return left.length - right.length;
}
