import { textOf, utf8 } from "../base/index.ts";
import type { Header } from "../record/index.ts";

/*
 * A dead letter is the record as it came from its source (key, value, timestamp, headers) with its cause in headers
 * behind its own. Values are text:
 *
 *   millrace.dead-letter.pipeline   name of the pipeline; always the first of them
 *   millrace.dead-letter.source     what the record came from: `topic orders`, `file-source`
 *   millrace.dead-letter.place      where in it, as errors say it: `orders@1042`, `/logs/app.ndjson:17`
 *   millrace.dead-letter.offset     offset of the record in it, where it has one
 *   millrace.dead-letter.stage      `source`, `filter`, `shape`, `transform` or `sink`
 *   millrace.dead-letter.step       the step's place and name, as `2-json-pick`; absent for source and sink
 *   millrace.dead-letter.by         what failed it: a module's name, a connector's type
 *   millrace.dead-letter.module     the module and the hash of its file, as `json-pick@9f86d0…`; absent for source and sink
 *   millrace.dead-letter.code       code of the error
 *   millrace.dead-letter.message    text of the error
 *   millrace.dead-letter.attempt    how often the record has been tried, with the attempts before a replay
 *   millrace.dead-letter.time       when it was given up, as in 2026-11-25T13:00:00.000Z
 *   millrace.dead-letter.sample     `true` where the value is only the first bytes, since the source rejected the record
 */

/** What the names of the headers with the cause begin with. */
const prefix = "millrace.dead-letter.";
/** Headers that are mostly another text in each letter. */
const unique: ReadonlySet<string> = new Set([`${prefix}place`, `${prefix}offset`, `${prefix}message`]);

/** Why a record became a dead letter, and where. */
export interface DeadLetterCause {
  readonly pipeline: string;
  readonly source: string;
  readonly place: string;
  readonly offset: number | undefined;
  readonly stage: string;
  readonly step: string | undefined;
  readonly by: string;
  readonly module: string | undefined;
  readonly code: string;
  readonly message: string;
  readonly attempt: number;
  readonly time: string;
  readonly sample: boolean;
}

/** The headers of the record as it was, and its cause; undefined for a record that is no dead letter. */
export interface OpenedLetter {
  readonly cause: DeadLetterCause;
  readonly headers: readonly Header[];
}

/**
 * The cause as headers.
 * @param encoded bytes of texts that come again in many letters, as far as they are known
 */
export function causeHeaders(
  cause: DeadLetterCause,
  encoded: Map<string, Uint8Array> = new Map(),
): readonly Header[] {
  const { offset, step, module, attempt, sample } = cause;
  const texts: readonly (readonly [name: string, text: string | undefined])[] = [
    [`${prefix}pipeline`, cause.pipeline],
    [`${prefix}source`, cause.source],
    [`${prefix}place`, cause.place],
    [`${prefix}offset`, offset === undefined ? undefined : String(offset)],
    [`${prefix}stage`, cause.stage],
    [`${prefix}step`, step],
    [`${prefix}by`, cause.by],
    [`${prefix}module`, module],
    [`${prefix}code`, cause.code],
    [`${prefix}message`, cause.message],
    [`${prefix}attempt`, String(attempt)],
    [`${prefix}time`, cause.time],
    [`${prefix}sample`, sample ? "true" : undefined],
  ];
  const headers: Header[] = [];
  for (const [name, text] of texts) {
    if (text === undefined) continue;
    let value = unique.has(name) ? utf8(text) : encoded.get(text);
    if (value === undefined) {
      value = utf8(text);
      encoded.set(text, value);
    }
    headers.push({ name, value });
  }
  return headers;
}

/**
 * Takes a letter apart. A letter of a pipeline that read dead letters has the cause of the one before among the
 * record's own headers, so the last cause is the letter's.
 */
export function openLetter(headers: readonly Header[]): OpenedLetter | undefined {
  const start = headers.findLastIndex(({ name }) => name === `${prefix}pipeline`);
  if (start === -1) return undefined;
  const texts = new Map(headers.slice(start).map(({ name, value }) => [name, value]));
  const textAt = (name: string): string | undefined => {
    const value = texts.get(`${prefix}${name}`);
    return value === undefined ? undefined : textOf(value);
  };
  const numberAt = (name: string): number | undefined => {
    const text = textAt(name) ?? "";
    return /^\d+$/.test(text) ? Number(text) : undefined;
  };
  return {
    headers: headers.slice(0, start),
    cause: {
      pipeline: textAt("pipeline") ?? "",
      source: textAt("source") ?? "",
      place: textAt("place") ?? "",
      offset: numberAt("offset"),
      stage: textAt("stage") ?? "",
      step: textAt("step"),
      by: textAt("by") ?? "",
      module: textAt("module"),
      code: textAt("code") ?? "",
      message: textAt("message") ?? "",
      attempt: numberAt("attempt") ?? 1,
      time: textAt("time") ?? "",
      sample: textAt("sample") === "true",
    },
  };
}
