import type { Batch, RecordFailure, RecordView } from "../../record/index.ts";
import { type HeaderPair, headerProblem } from "./header.ts";
import type { HttpSinkSettings } from "./settings.ts";

/** Says why a record cannot be sent, as the sink reports it. */
export type Refusal = Pick<RecordFailure, "code" | "message">;

/** Gives the records of a batch the headers that their requests carry. */
export class RecordHeaders {
  readonly #settings: HttpSinkSettings;
  readonly #topic: string | undefined;
  /** Names that the config sets, in small letters: no record may set them too. */
  readonly #taken: ReadonlySet<string>;
  #parts: Uint32Array | undefined;

  constructor(settings: HttpSinkSettings, topic: string | undefined, configured: readonly HeaderPair[]) {
    const own = [settings.key_header, settings.idempotency_header].filter((name) => typeof name === "string");
    this.#settings = settings;
    this.#topic = topic;
    this.#taken = new Set([...configured.map(([name]) => name), ...own].map((name) => name.toLowerCase()));
  }

  /** Begins with a batch. */
  start(batch: Batch): void {
    this.#parts = partsOf(batch);
  }

  /** The header that names records of the batch, the same whenever they are sent again; none where that is not known. */
  identity(batch: Batch, records: readonly number[]): readonly HeaderPair[] {
    const { idempotency_header: name } = this.#settings;
    const [first = 0] = records;
    const last = records.at(-1) ?? first;
    const from = batch.offsetOf(batch.originOf(first));
    const to = batch.offsetOf(batch.originOf(last));
    if (name === false || this.#topic === undefined || from === undefined || to === undefined) return [];
    const begin = `${this.#topic}/${from}${this.#partText(first)}`;
    return [[name, records.length === 1 ? begin : `${begin}-${to}${this.#partText(last)}`]];
  }

  /** The first part of a record bears the record's own name. */
  #partText(index: number): string {
    const part = this.#parts?.[index] ?? 0;
    return part === 0 ? "" : `/${part}`;
  }

  /** The key and headers of a record as headers of its request, or why it cannot have them. */
  of(record: RecordView): readonly HeaderPair[] | Refusal {
    const { key_header, header_prefix } = this.#settings;
    const pairs: HeaderPair[] = [];
    const { key } = record;
    if (key_header !== undefined && key !== undefined) {
      const problem = valueProblem(key_header, key);
      if (problem !== undefined) return refusal(`the key cannot be sent as a header: ${problem}`);
      pairs.push([key_header, headerText(key)]);
    }
    for (const header of header_prefix === undefined ? [] : record.headers) {
      const name = `${header_prefix}${header.name}`;
      const problem = valueProblem(name, header.value);
      if (problem !== undefined)
        return refusal(`the header ${shown(header.name)} cannot be sent: ${problem}`);
      if (this.#taken.has(name.toLowerCase())) {
        return refusal(`the header ${shown(header.name)} cannot be sent: the config sets ${name} itself`);
      }
      pairs.push([name, headerText(header.value)]);
    }
    return pairs;
  }
}

/** Of each record in play, how many parts of the same record are before it; undefined where no record has several. */
function partsOf(batch: Batch): Uint32Array | undefined {
  const { origins } = batch.columns;
  if (origins === undefined) return undefined;
  const parts = new Uint32Array(batch.count);
  for (let i = 1; i < batch.count; i++) {
    if (origins[i] === origins[i - 1]) parts[i] = (parts[i - 1] as number) + 1;
  }
  return parts;
}

/** Headers are sent as bytes, each of them a character here, so that what is sent is what was there. */
function headerText(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("latin1");
}

function valueProblem(name: string, value: Uint8Array): string | undefined {
  const text = headerText(value);
  const problem = headerProblem(`${name}:${text}`);
  if (problem !== undefined) return problem;
  return /^[ \t]|[ \t]$/.test(text) ? "it begins or ends with a blank, which would be lost" : undefined;
}

function refusal(message: string): Refusal {
  return { code: "record.header", message };
}

/** A name that comes from a record may hold anything, and be of any length. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, 60));
}
